import Ingest
import ParlantConnector

/// Looks at the Parlant server, and at how far its conversations have been taken in.
struct ParlantExamination: Sendable {
    static let check = "parlant"

    let settings: ParlantServerSettings
    /// The log; `nil` when it cannot be asked.
    let database: DatabaseSettings?

    func run() async -> [Finding] {
        do {
            let standing = try await ParlantStanding.read(settings, database)
            return [Self.module(standing.module, at: settings.name)] + Self.conversations(standing)
        } catch {
            return [.failed(Self.check, error)]
        }
    }

    static func module(_ module: ParlantModule, at name: String) -> Finding {
        guard module.version >= ParlantModule.leastVersion else {
            return .wrong(
                check, "\(name) has version \(module.version) of our module, \(ParlantModule.leastVersion) is needed",
                cure: "load the module in ops/parlant of this version into the server, and start it again")
        }
        return .ok(check, "Parlant \(module.parlant) at \(name), module \(module.version)")
    }

    static func conversations(_ standing: ParlantStanding) -> [Finding] {
        guard let progress = standing.conversations else { return [] }
        let check = "conversations"
        guard progress.waiting > 0, standing.leader == nil else {
            return [.ok(check, progress.description + (standing.leader.map { ", followed by \($0)" } ?? ""))]
        }
        return [
            .warning(
                check, "\(progress), and nobody follows them", cure: "run `lockstep serve` with LOCKSTEP_PARLANT_URL")
        ]
    }
}
