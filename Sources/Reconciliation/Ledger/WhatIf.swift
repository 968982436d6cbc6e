import EventModel
import FoundationEssentials

/// Recorded decisions and conflicts, settled once more by another policy. Pure; nothing is written.
public enum WhatIf {
    /// One decision or conflict, as it was and as it would be.
    public struct Outcome: Equatable, Sendable {
        /// The decision, or the conflict.
        public let id: UUID
        /// The field.
        public let path: FieldPath
        /// What has become of it: `workflow`, `journey`, `neither`, `a person`, `accepted`.
        public let was: String
        /// What would become of it.
        public let wouldBe: String

        /// Whether that is something else.
        public var isChanged: Bool { was != wouldBe }
    }

    /// What another policy makes of what is on record. What a person has decided, an owner, or was taken back, is no rule's.
    ///
    /// What cannot be read any more is left out: a rule that is asked about values that are erased answers something else than it did. What could be told
    /// then is not on record either: where a rule was asked, because the other side could not be told of a change, a rule is asked again.
    public static func outcomes(of history: [ReconciliationEvent], under policy: Policy) -> [Outcome] {
        history.compactMap { event in
            switch event {
            case .resolved(let receipt, _):
                guard receipt.cause == .comparison, receipt.owner == nil, receipt.finding.isReadable else { return nil }
                return Outcome(
                    id: receipt.id, path: receipt.finding.path, was: receipt.winner?.rawValue ?? "neither",
                    wouldBe: word(receipt.ruling == nil ? receipt.finding : receipt.finding.asConflict, policy))
            case .conflictQueued(let conflict, _):
                guard case .policy(let waiting) = conflict.reason, waiting != .unsettable,
                    conflict.finding.isReadable
                else { return nil }
                return Outcome(
                    id: conflict.id, path: conflict.finding.path, was: "a person",
                    wouldBe: word(conflict.ruling == nil ? conflict.finding : conflict.finding.asConflict, policy))
            case .agreed, .conflictLapsed, .divergenceAccepted, .effectRequested, .effectSent, .effectUnknown,
                .effectConfirmed, .effectStale, .ownershipTaken, .wentStale:
                return nil
            }
        }
    }

    private static func word(_ finding: Finding, _ policy: Policy) -> String {
        switch Settlement(finding, by: policy, ownership: Ownership(), before: .willing).outcome {
        case .stands(_, let winner): winner?.rawValue ?? "neither"
        case .waits: "a person"
        case .accepted: "accepted"
        }
    }
}

extension Finding {
    fileprivate var isReadable: Bool {
        !path.isHidden && ![base, workflow, journey].contains { $0?.holdsHidden == true }
    }

    /// The same as a conflict, which a rule decides whoever has changed what.
    fileprivate var asConflict: Finding {
        Finding(
            path: path, kind: .conflict, side: nil, base: base, workflow: workflow, journey: journey,
            workflowOrigin: workflowOrigin, journeyOrigin: journeyOrigin)
    }
}
