import EventModel

/// What happens to a journey's definition.
public enum JourneyEvent: Equatable, Sendable {
    /// It was defined for the first time: revision 1.
    case created(JourneyCreated)
    /// A different definition took its place.
    case revised(JourneyRevised)
    /// The file that a definition was imported from, or a part of it, as it was.
    case originalKept(JourneyOriginal)
    /// It got another title, and nothing else changed.
    case renamed(JourneyRenamed)
    /// It is out of use.
    case archived(JourneyArchived)
    /// It is in use again.
    case restored(JourneyRestored)
}

/// A whole definition and where it came from.
public struct JourneyContent: Equatable, Sendable {
    /// The journey. Where ``isHidden``, it is without texts, conditions, notes and unknown fields: ids, kinds, ends, order, titles, labels,
    /// tags, priorities, tools and composition modes are there.
    public let definition: JourneyDefinition
    /// The digest of the whole definition, whoever reads it.
    public let digest: ContentDigest
    /// Where it came from.
    public let origin: JourneyOrigin
    /// What is known of the personal values to those who may not see them; `nil` for those who may.
    public let hidden: HiddenValues?

    /// What is known of values that are sealed or erased.
    public struct HiddenValues: Equatable, Sendable {
        /// What stands in their place; see ``SealedValue``.
        public let form: JSONValue
        /// How many conditions of activation there are.
        public let conditions: Int

        /// What is known.
        public init(form: JSONValue, conditions: Int) {
            self.form = form
            self.conditions = conditions
        }
    }

    /// A content with the digest of its definition.
    public init(definition: JourneyDefinition, origin: JourneyOrigin) {
        self.init(definition: definition, digest: definition.digest, origin: origin)
    }

    /// A content as given; ``JourneyDecider`` refuses a digest that is not the definition's, and one whose values are hidden.
    public init(
        definition: JourneyDefinition, digest: ContentDigest, origin: JourneyOrigin, hidden: HiddenValues? = nil
    ) {
        self.definition = definition
        self.digest = digest
        self.origin = origin
        self.hidden = hidden
    }

    /// Whether the personal values are hidden from this reader, because they are sealed or erased.
    public var isHidden: Bool { hidden != nil }

    /// Whether they are gone for everybody: whoever has them stores them anew by bringing the same definition once more.
    public var isErased: Bool { hidden?.form.erasedSubject != nil }
}

/// Where a journey's definition came from.
public enum JourneyOrigin: Equatable, Sendable {
    /// It was read from a Parlant server.
    case parlant
    /// It was imported from a file; `name` is its base name, or the hidden form of it.
    case file(name: JSONValue, format: JourneyFormat)
    /// It was converted from a workflow at a version of its stream.
    case converted(workflow: String, version: Int64)
}

extension JourneyOrigin {
    /// Whether the name of the file is hidden from this reader.
    public var isHidden: Bool {
        switch self {
        case .file(let name, _): name.isHidden
        case .parlant, .converted: false
        }
    }
}

/// A journey was defined for the first time: revision 1.
public struct JourneyCreated: Equatable, Sendable {
    /// What it is.
    public let content: JourneyContent

    /// The event.
    public init(content: JourneyContent) { self.content = content }
}

/// A journey was defined again and had changed.
public struct JourneyRevised: Equatable, Sendable {
    /// What it is now.
    public let content: JourneyContent
    /// Its number: 2 for the first revision.
    public let revision: Int
    /// The digest of the revision before.
    public let previousDigest: ContentDigest
    /// What became different.
    public let changes: JourneyDifference

    /// The event.
    public init(content: JourneyContent, revision: Int, previousDigest: ContentDigest, changes: JourneyDifference) {
        self.content = content
        self.revision = revision
        self.previousDigest = previousDigest
        self.changes = changes
    }
}

/// A journey got another title; that is a revision of its own.
public struct JourneyRenamed: Equatable, Sendable {
    /// The title now.
    public let title: String
    /// The title before.
    public let previousTitle: String
    /// The digest with the new title.
    public let digest: ContentDigest
    /// The digest of the revision before.
    public let previousDigest: ContentDigest
    /// Its number.
    public let revision: Int

    /// The event.
    public init(
        title: String, previousTitle: String, digest: ContentDigest, previousDigest: ContentDigest, revision: Int
    ) {
        self.title = title
        self.previousTitle = previousTitle
        self.digest = digest
        self.previousDigest = previousDigest
        self.revision = revision
    }
}

/// A journey is out of use: it is kept, but no new session should walk it.
public struct JourneyArchived: Equatable, Sendable {
    /// The revision that was current.
    public let revision: Int
    /// Why, in the words of whoever archived it, or the hidden form of them.
    public let reason: JSONValue?

    /// The event.
    public init(revision: Int, reason: JSONValue?) {
        self.revision = revision
        self.reason = reason
    }
}

/// A journey is in use again, as it was.
public struct JourneyRestored: Equatable, Sendable {
    /// The revision that is current.
    public let revision: Int

    /// The event.
    public init(revision: Int) { self.revision = revision }
}
