import PostgresDriver
import PostgresReadModels
import ReadModels

/// Whether what readers see of a read model is what this program would show them.
struct ReadModelStanding: Sendable, Equatable {
    enum Verdict: String, Sendable {
        /// Made by this program's version of the fold.
        case current
        /// Made by an earlier version.
        case older
        /// Made by a later version: a newer program is at work.
        case newer
        /// Made by this version, and somebody says that it must be made anew.
        case marked
        /// Nothing is registered.
        case absent
    }

    let name: String
    /// The version of this program's fold.
    let version: Int
    /// What readers see.
    var active: Generation?
    /// What is beside it, being built or waiting.
    var beside: Generation?

    /// The standing of every projection of this program.
    static func all(_ generations: [Generation]) -> [ReadModelStanding] {
        ProjectionCatalogue.all.map { projection in
            let own = generations.filter { $0.projection == projection.name }
            return ReadModelStanding(
                name: projection.name, version: projection.version, active: own.first { $0.state == .active },
                beside: own.first { $0.state == .building || $0.state == .ready })
        }
    }

    static func all(on connection: PostgresConnection) async throws -> [ReadModelStanding] {
        all(try await PostgresProjectionStore.generations(on: connection))
    }

    var verdict: Verdict {
        guard let active else { return .absent }
        if active.version != version { return active.version < version ? .older : .newer }
        return active.rebuildReason == nil ? .current : .marked
    }

    /// What to do; `nil` when nothing is to be done.
    var advice: String? {
        let next =
            beside?.state == .ready
            ? "`lockstep projections activate \(name)`" : "`lockstep projections rebuild \(name) --activate`"
        switch verdict {
        case .current: return nil
        case .older:
            return
                "readers see version \(active?.version ?? 0) of \(name), this program makes version \(version): \(next)"
        case .newer:
            return
                "readers see version \(active?.version ?? 0) of \(name), this program knows version \(version): run the newer program"
        case .marked: return "\(name) is to be made anew, \(active?.rebuildReason ?? ""): \(next)"
        case .absent: return "\(name) is not registered in this database: `lockstep migrate up`"
        }
    }

    func line() {
        Answers.object { object in
            object.member("read_model", name)
            object.member("standing", verdict.rawValue)
            object.member("version", version)
            object.member("active_version", active?.version)
            object.member("active_generation", active?.number)
            object.member("beside_version", beside?.version)
            object.member("beside_generation", beside?.number)
            object.member("beside_state", beside?.state.rawValue)
            object.member("rebuild_reason", active?.rebuildReason)
        }
    }

    static func table(_ all: [ReadModelStanding]) {
        let style = Style.output
        var table = Table([
            ("READ MODEL", .left), ("PROGRAM", .right), ("READERS SEE", .right), ("GENERATION", .right),
            ("BESIDE", .left),
            ("STANDING", .left),
        ])
        for each in all {
            table.add([
                .init(text: each.name), .init(text: "v\(each.version)"),
                .init(text: each.active.map { "v\($0.version)" } ?? "-"),
                .init(text: each.active.map { "\($0.number)" } ?? "-"),
                .init(
                    text: each.beside.map { "generation \($0.number) (v\($0.version)), \($0.state.rawValue)" } ?? "-"),
                .init(
                    text: each.verdict.rawValue,
                    paint: { each.verdict == .current ? style.good($0) : style.warning($0) }),
            ])
        }
        table.print()
        advise(all)
    }

    /// Tells what is to be done, a line each.
    static func advise(_ all: [ReadModelStanding]) {
        for advice in all.compactMap(\.advice) {
            StandardOutput.shared.write("\n\(Style.output.warning("next:")) \(advice)")
        }
    }
}
