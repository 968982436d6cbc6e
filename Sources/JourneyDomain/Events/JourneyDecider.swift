import EventModel

/// The rule of a journey's definition: it changes only when its content does.
public enum JourneyDecider: Decider {
    /// What is known of a journey.
    public enum State: Equatable, Sendable {
        /// Nothing.
        case unknown
        /// What it is now.
        case defined(JourneyStanding)
    }

    /// What may be asked.
    public enum Command: Equatable, Sendable {
        /// Make this the journey's definition.
        case define(JourneyContent)
        /// Make this the journey's definition, and keep the file that it was read from as it is.
        case importFile(JourneyContent, JourneySource)
        /// Give it another title.
        case rename(String)
        /// Take it out of use.
        case archive(reason: String?)
        /// Take it into use again.
        case restore
    }

    /// What happens; see ``JourneyEvent``.
    public typealias Event = JourneyEvent

    /// Why a command is refused.
    public enum Rejection: Error, Equatable, Sendable {
        /// There is no such journey.
        case notDefined
        /// The journey is out of use; restore it first.
        case archived(revision: Int)
        /// The command's digest is not that of its definition: they do not belong together.
        case digestMismatch(claimed: ContentDigest, actual: ContentDigest)
        /// The personal values of the content with this digest are hidden from whoever decides: it cannot be defined, nor can the digest of
        /// it under another title be known.
        case hiddenValues(ContentDigest)
        /// The definition would not fit an event.
        case definitionTooLarge(bytes: Int, limit: Int)
        /// The definition could not be read back from the log as it is; these are all the reasons.
        case malformed(JourneyFlaws)
        /// The title has too few or too many characters for Parlant.
        case titleLength(characters: Int, allowed: ClosedRange<Int>)
        /// The reason is longer than the limit.
        case reasonTooLong(bytes: Int, limit: Int)
        /// The log cannot hold what the command says beside a definition: a title or a reason with a NUL character, for example.
        case notStorable(JSONFlaw)
    }

    /// Nothing is known.
    public static let initialState = State.unknown

    /// The state after one more event.
    public static func evolve(_ state: State, _ event: Event) -> State {
        switch (event, state) {
        case (.created(let event), _):
            return .defined(JourneyStanding(content: event.content, revision: 1))
        case (.revised(let event), _):
            return .defined(JourneyStanding(content: event.content, revision: event.revision))
        case (.renamed(let event), .defined(var standing)):
            standing.content = standing.content.titled(event.title, digest: event.digest)
            standing.revision = event.revision
            return .defined(standing)
        case (.archived, .defined(var standing)):
            standing.isArchived = true
            return .defined(standing)
        case (.restored, .defined(var standing)):
            standing.isArchived = false
            return .defined(standing)
        case (.originalKept, _), (.renamed, .unknown), (.archived, .unknown), (.restored, .unknown): return state
        }
    }

    /// `created` for the first definition, `revised` for a different one and for one whose texts were erased since, nothing for the same content
    /// again, whatever its origin. The bytes of a file follow the definition that they became in the same append, and nothing else.
    ///
    /// Whether content is the same is told by its digest, so that it can be told of hidden content as well. What differs from that can be told
    /// in part only, and the revision says so.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        let events = try proposal(command, state)
        for event in events {
            do throws(JSONFlaw) { try JSONDoor.validate(event.encoded()) } catch { throw .notStorable(error) }
        }
        return events
    }

    private static func proposal(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        switch (command, state) {
        case (.define(let content), .unknown):
            try check(content)
            return [.created(JourneyCreated(content: content))]
        case (.define(let content), .defined(let standing)):
            try check(content)
            return try revise(standing, with: content)
        case (.importFile(let content, let source), _):
            let definition = try proposal(.define(content), state)
            guard !definition.isEmpty, !source.bytes.isEmpty else { return definition }
            return definition + source.kept(revision: revision(after: definition, state)).map(Event.originalKept)
        case (.rename(let title), .defined(let standing)): return try rename(standing, to: title)
        case (.archive(let reason), .defined(let standing)):
            return try archive(standing, reason: reason)
        case (.restore, .defined(let standing)):
            return standing.isArchived ? [.restored(JourneyRestored(revision: standing.revision))] : []
        case (.rename, .unknown), (.archive, .unknown), (.restore, .unknown): throw .notDefined
        }
    }

    private static func revision(after events: [Event], _ state: State) -> Int {
        guard case .defined(let standing) = fold(state, events) else { return 1 }
        return standing.revision
    }

    private static func check(_ content: JourneyContent) throws(Rejection) {
        guard !content.isHidden, !content.origin.isHidden else { throw .hiddenValues(content.digest) }
        let canonical = content.definition.canonicalValue
        if let flaws = JourneyFlaws(of: content.definition, canonical: canonical) { throw .malformed(flaws) }
        let actual = ContentDigest(of: canonical.compactBytes())
        guard content.digest == actual else { throw .digestMismatch(claimed: content.digest, actual: actual) }
        let bytes = PersonalTree.journey.storedBytes(of: canonical)
        guard bytes <= JourneyLimits.definitionBytes else {
            throw .definitionTooLarge(bytes: bytes, limit: JourneyLimits.definitionBytes)
        }
    }

    private static func revise(_ standing: JourneyStanding, with content: JourneyContent) throws(Rejection) -> [Event] {
        guard !standing.isArchived else { throw .archived(revision: standing.revision) }
        let present = standing.content
        // A digest outlives the erasure of what it was made of.
        guard present.digest != content.digest || present.isErased else { return [] }
        let changes =
            present.isHidden
            ? JourneyDifference(fromHidden: present.definition, to: content.definition)
            : JourneyDifference(from: present.definition, to: content.definition)
        return [
            .revised(
                JourneyRevised(
                    content: content, revision: standing.revision + 1, previousDigest: present.digest, changes: changes)
            )
        ]
    }

    private static func archive(_ standing: JourneyStanding, reason: String?) throws(Rejection) -> [Event] {
        let bytes = reason?.utf8.count ?? 0
        guard bytes <= JourneyLimits.reasonBytes else {
            throw .reasonTooLong(bytes: bytes, limit: JourneyLimits.reasonBytes)
        }
        guard !standing.isArchived else { return [] }
        return [.archived(JourneyArchived(revision: standing.revision, reason: reason.map(JSONValue.string)))]
    }

    private static func rename(_ standing: JourneyStanding, to title: String) throws(Rejection) -> [Event] {
        guard !standing.isArchived else { throw .archived(revision: standing.revision) }
        let characters = title.unicodeScalars.count
        guard JourneyLimits.titleCharacters.contains(characters) else {
            throw .titleLength(characters: characters, allowed: JourneyLimits.titleCharacters)
        }
        let present = standing.content
        guard !present.definition.title.utf8.elementsEqual(title.utf8) else { return [] }
        guard !present.isHidden else { throw .hiddenValues(present.digest) }
        let digest = present.definition.titled(title).digest
        return [
            .renamed(
                JourneyRenamed(
                    title: title, previousTitle: present.definition.title, digest: digest,
                    previousDigest: present.digest, revision: standing.revision + 1))
        ]
    }
}

extension JourneyDecider.Rejection: CustomStringConvertible {
    /// What is wrong and what to do; one line, or one for each flaw of a definition.
    public var description: String {
        switch self {
        case .notDefined: "there is no such journey; import or convert it first"
        case .archived(let revision): "the journey was archived at revision \(revision); restore it first"
        case .digestMismatch(let claimed, let actual):
            "the content has digest \(actual), not \(claimed); read it again"
        case .hiddenValues(let digest):
            "values of the journey with digest \(digest) are sealed or erased; act with the right to see them, or import anew"
        case .definitionTooLarge(let bytes, let limit):
            "the journey has \(bytes) bytes as it is stored, and an event holds at most \(limit); shorten its texts or split it"
        case .malformed(let flaws): flaws.description
        case .titleLength(let characters, let allowed):
            "the title has \(characters) characters; it must have \(allowed.lowerBound) to \(allowed.upperBound)"
        case .reasonTooLong(let bytes, let limit): "the reason has \(bytes) bytes; it must have at most \(limit)"
        case .notStorable(let flaw): "the log cannot hold this: \(flaw)"
        }
    }
}

/// A journey as its events have left it.
public struct JourneyStanding: Equatable, Sendable {
    /// The latest content; its origin is that of the latest definition.
    public internal(set) var content: JourneyContent
    /// 1 for the first definition, one more for each change of it.
    public internal(set) var revision: Int
    /// Whether it is out of use.
    public internal(set) var isArchived = false
}

extension JourneyContent {
    fileprivate func titled(_ title: String, digest: ContentDigest) -> JourneyContent {
        JourneyContent(definition: definition.titled(title), digest: digest, origin: origin, hidden: hidden)
    }
}

extension JourneyDefinition {
    /// The same journey under another title.
    public func titled(_ title: String) -> JourneyDefinition {
        JourneyDefinition(
            title: title, summary: summary, conditions: conditions, labels: labels, tags: tags, priority: priority,
            compositionMode: compositionMode, root: root, states: states, transitions: transitions, metadata: metadata,
            extra: extra)
    }
}
