import EventModel
import WorkflowDomain

/// A run as Sim shows it.
public struct SimRunState: Sendable, Equatable {
    /// Its id.
    public let run: String
    /// The workflow that it runs.
    public let workflow: String
    /// Sim's word for where it is. The same pause reads `pending` or `paused`; ``state`` says what is meant.
    public let status: SimRunStatus
    /// What set it off, when Sim says.
    public let trigger: String?
    /// When it began.
    public let startedAt: Timestamp?
    /// When it ended.
    public let endedAt: Timestamp?
    /// What it waits for. A list of runs does not say.
    public let pause: SimPause?
    /// Why it failed, when Sim says.
    public let error: SimRunFailure?

    /// Where it is, in our words.
    public var state: ExecutionStatus { pause.map { status.status(pausedStuck: $0.isStuck) } ?? status.status }

    /// Whether nothing can be done with it any more. While its output is being scrubbed Sim does not say how it ended.
    public var isOver: Bool { status.status.isTerminal || status == .redacting }

    /// Whether it can still be resumed at the pause `context`.
    public func standing(of context: String) -> SimContextStanding {
        guard !isOver, let pause else { return .closed }
        if pause.context == context { return .open }
        // Sim names one pause of several.
        guard let points = pause.points, let resumed = pause.resumed, points - resumed > 1 else { return .closed }
        return .unsure
    }
}

/// Whether a run can still be resumed at a pause.
public enum SimContextStanding: Sendable, Hashable, CaseIterable {
    /// It waits there.
    case open
    /// It does not, or no longer.
    case closed
    /// It waits at several, of which Sim names another.
    case unsure
}

/// What a run waits for.
public struct SimPause: Sendable, Equatable {
    /// The name of the pause, by which the run is resumed; `nil` while all its pauses are being resumed.
    public let context: String?
    /// Since when.
    public let pausedAt: Timestamp?
    /// When it goes on by itself.
    public let resumeAt: Timestamp?
    /// A person or a time, when Sim says.
    public let kind: WaitKind?
    /// The block that waits.
    public let blockedOn: String?
    /// Why an attempt to resume it failed, in Sim's words, cut to ``SimLimits/detailCharacters``.
    public let stuckBecause: String?
    /// How many pauses the run has had.
    public let points: Int?
    /// How many of them were resumed.
    public let resumed: Int?

    /// Whether an attempt to resume it has failed.
    public var isStuck: Bool { stuckBecause != nil }
}

/// Why a run failed.
public struct SimRunFailure: Sendable, Equatable {
    /// Sim's word for it: `TIMEOUT`, `BLOCK_EXECUTION_FAILED` …
    public let code: String?
    /// What Sim says, cut to ``SimLimits/detailCharacters``. It may quote the input of the run.
    public let message: String
}

/// Some runs of a workflow, the newest first.
public struct SimRunPage: Sendable, Equatable {
    /// The runs.
    public let runs: [SimRunState]
    /// By what the next page is asked for; `nil` on the last.
    public let next: String?
}
