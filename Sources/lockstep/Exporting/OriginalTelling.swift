import EventModel
import JourneyDomain
import WorkflowDomain

/// An event of something that is imported from files.
protocol OriginalTelling: DomainEvent, SendableMetatype {
    /// Tells `search` what the event says of revisions and files.
    func tell(_ search: inout OriginalSearch)
}

extension WorkflowEvent: OriginalTelling {
    func tell(_ search: inout OriginalSearch) { search.take(self) }
}

extension JourneyEvent: OriginalTelling {
    func tell(_ search: inout OriginalSearch) {
        switch self {
        case .created: search.meet(1)
        case .revised(let event): search.meet(event.revision)
        case .renamed(let event): search.meet(event.revision)
        case .originalKept(let original): original.tell(&search)
        case .archived, .restored: break
        }
    }
}

extension JourneyOriginal {
    /// A journey's file has its first part where a workflow's has an entry in the import: from there on, both are looked for alike.
    fileprivate func tell(_ search: inout OriginalSearch) {
        guard part?.number ?? 1 == 1 else { return tellPart(&search) }
        let place = part.map { OriginalFile.Place.parts($0.count) } ?? .nowhere
        search.meet(
            revision, OriginalFile(bytes: bytes, digest: digest, place: place), name: name.string,
            format: format.rawValue)
        tellPart(&search)
    }

    private func tellPart(_ search: inout OriginalSearch) {
        guard let part else { return }
        search.meet(
            OriginalPart(revision: revision, digest: digest, number: part.number, count: part.count, data: part.data))
    }
}
