import EventModel
import EventSourcing
import FoundationEssentials

/// Which command something is, as its sender names it. Its events carry the id as their correlation and the rest as metadata, so the log
/// itself knows a repetition, however much later it comes and whatever was killed in between.
public struct CommandIdentity: Hashable, Sendable {
    /// The command's id.
    public let id: UUID
    /// What its sender calls it.
    public let name: String
    /// What is asked: another command under the same name is told by it.
    public let fingerprint: InboundFingerprint

    /// The command that is called `name` among those of `scope`, and asks `content`.
    ///
    /// - Parameter scope: what the name is unique in; no two scopes share a list of parts.
    public init(scope: [String], name: String, content: [UInt8]) {
        // A zero byte cannot be in a text that was taken in, so the parts cannot run into one another.
        id = InboundKey(source: (["command"] + scope).joined(separator: "\u{0}"), id: name).id
        self.name = name
        fingerprint = InboundFingerprint(of: content)
    }

    /// What travels beside the events.
    var metadata: [UInt8] {
        (["operation": ["id": .string(name), "fingerprint": .string(fingerprint.id.uuidString.lowercased())]]
            as JSONValue).canonicalBytes()
    }

    /// The fingerprint beside an event, if a command of a name made it.
    static func fingerprint(in metadata: [UInt8]) -> InboundFingerprint? {
        guard let text = (try? JSONValue(metadata))?["operation"]?["fingerprint"]?.string else { return nil }
        return UUID(uuidString: text).map(InboundFingerprint.init(id:))
    }

    static func reuse(at index: Int?) -> InboundRejection {
        let place = index.map { "part \($0 + 1): " } ?? ""
        return InboundRejection(.keyReused, place + "an earlier operation of this id asked something else")
    }
}

/// What is known of a command before anything is decided.
enum CommandStanding: Hashable, Sendable {
    /// Nothing: the domain decides.
    case new
    /// It is in the log.
    case known
    /// An earlier one of the same batch, at this place, is the same.
    case repeats(Int)
    /// Its name was used for another command.
    case reused
}

/// Tells commands that the log has heard of: by the correlation of their events, one look-up for each command that brings a name.
///
/// A command that was refused, or changed nothing, has left nothing in the log, and is decided again.
struct KnownCommands<Store: EventStore>: Sendable {
    /// Events of a conversation that are looked through.
    private static var events: Int { 10 }

    private let store: Store

    init(_ store: Store) { self.store = store }

    func standings(of commands: [CommandIdentity?]) async throws(StoreError) -> [CommandStanding] {
        var first: [UUID: Int] = [:]
        var standings: [CommandStanding] = []
        for (place, command) in commands.enumerated() {
            guard let command else {
                standings.append(.new)
                continue
            }
            if let earlier = first[command.id] {
                let standing = standings[earlier]
                let isSame = commands[earlier] == command
                standings.append(isSame ? (standing == .new ? .repeats(earlier) : standing) : .reused)
            } else {
                first[command.id] = place
                standings.append(try await standing(of: command))
            }
        }
        return standings
    }

    private func standing(of command: CommandIdentity) async throws(StoreError) -> CommandStanding {
        // The first is the command's own; whoever appends by hand may have used its id for others.
        let page = try await store.read(EventQuery(.correlation(command.id), limit: Self.events))
        let made = page.events.lazy.compactMap { CommandIdentity.fingerprint(in: $0.metadata) }.first
        guard let made else { return .new }
        return made == command.fingerprint ? .known : .reused
    }
}
