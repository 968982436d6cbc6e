import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials

/// L1 over the log and everything that was ever wanted: nothing lost, nothing twice, nothing uninvited, versions as expected.
enum LogAudit {
    static func violations(of log: InMemoryLog, _ ledger: Ledger) -> [Violation] {
        // Streams of one erasure may be told the same about it.
        orderViolations(of: log) { $0.draft.type == SubjectEvent.erasedType ? nil : $0.draft.data }
            + ledger.intents.flatMap { violations(of: $0, in: log) }
    }

    /// Positions, versions and times are in order, and no event is there twice.
    ///
    /// - Parameter content: what no two events may have in common; `nil` for events that may resemble others.
    static func orderViolations(
        of log: InMemoryLog, distinctBy content: (InMemoryLog.Entry) -> [UInt8]?
    ) -> [Violation] {
        var violations: [Violation] = []
        var versions: [StreamName: Int64] = [:]
        var payloads: Set<[UInt8]> = []
        var recordedAt = Timestamp.earliest
        for (index, entry) in log.entries.enumerated() {
            if entry.position.rawValue != Int64(index + 1) {
                violations.append(Violation(.oneOrder, "position \(entry.position) stands at place \(index + 1)"))
            }
            versions[entry.stream, default: 0] += 1
            if entry.version.rawValue != versions[entry.stream] {
                violations.append(
                    Violation(.oneOrder, "\(entry.stream) has version \(entry.version) at \(entry.position)"))
            }
            if let content = content(entry), !payloads.insert(content).inserted {
                violations.append(Violation(.oneOrder, "the event at \(entry.position) is in the log twice"))
            }
            if entry.recordedAt < recordedAt {
                violations.append(Violation(.oneOrder, "recorded time goes back at \(entry.position)"))
            }
            recordedAt = entry.recordedAt
        }
        return violations
    }

    private static func violations(of intent: Intent, in log: InMemoryLog) -> [Violation] {
        let ids = intent.request.streams.flatMap { $0.events.map(\.id) }
        let found = log.entries.filter { entry in ids.contains(entry.draft.id) }
        switch intent.fate {
        case .stored(let receipt):
            guard found.map(\.draft.id) == ids, found.first?.position == receipt.first,
                found.last?.position == receipt.last
            else {
                return [
                    Violation(
                        .oneOrder, "append \(intent.number) was acknowledged at \(receipt.first) and is not there")
                ]
            }
        case .conflict:
            guard found.isEmpty || intent.mayHappenLater else {
                return [Violation(.oneOrder, "append \(intent.number) was answered as a conflict and is in the log")]
            }
        case .refused(let flaw):
            return [Violation(.oneOrder, "append \(intent.number), which breaks no rule, was refused: \(flaw)")]
        case .open:
            return [Violation(.progress, "append \(intent.number) was never answered")]
        }
        guard found.isEmpty || found.count == ids.count else {
            return [Violation(.oneOrder, "append \(intent.number) is in the log in part")]
        }
        return found.isEmpty ? [] : expectationViolations(of: intent, found)
    }

    /// The versions that the append found are those that it expected.
    private static func expectationViolations(of intent: Intent, _ found: [InMemoryLog.Entry]) -> [Violation] {
        intent.request.streams.compactMap { part in
            guard let first = found.first(where: { $0.stream == part.stream }) else { return nil }
            let before = first.version.rawValue > 1 ? StreamVersion(first.version.rawValue - 1) : nil
            guard !part.expected.isSatisfied(by: before) else { return nil }
            return Violation(
                .oneOrder,
                "append \(intent.number) expected \(part.expected) of \(part.stream) and was stored behind it all the same"
            )
        }
    }
}
