import EventModel
import WorkflowDomain

/// One run: where it is, what it has done, what it waits for.
struct StandInRun: Sendable {
    enum Phase: Sendable, Equatable {
        case queued, running, waiting
        case ended(SimRunStatus)
    }

    /// One level of what runs: the workflow, or one iteration of a container in it.
    struct Level: Sendable {
        var container: ElementID?
        var isParallel = false
        var index = 0
        var count = 1
        var ready: [ElementID]
        var missing: [ElementID: Int]
        var touched: Set<ElementID> = []
    }

    /// The block that is at work.
    struct Work: Sendable {
        let block: ElementID
        let order: Int
        let visit: Int
        let startedAt: Timestamp
    }

    /// One pause.
    struct Pause: Sendable {
        let context: String
        let block: ElementID
        let level: Int
        let kind: WaitKind
        let at: Timestamp
        let resumeAt: Timestamp?
        var isOpen = true
        var stuckBecause: String?
    }

    /// What is kept of a block that has run.
    struct Record: Sendable {
        let block: ElementID
        let order: Int
        let startedAt, endedAt: Timestamp
        let input, output: JSONValue
        let error: String?
        let isHandled: Bool
        let place: JSONObject
    }

    let id: String
    let workflow: String
    let input: JSONObject
    /// Whether it was started, and so is resumed, without waiting for its end.
    let isQueued: Bool
    let createdAt: Timestamp
    var phase = Phase.queued
    var startedAt: Timestamp?
    var endedAt: Timestamp?
    var levels: [Level] = []
    var work: Work?
    /// When something happens next by itself.
    var due: Timestamp?
    var pauses: [Pause] = []
    var records: [Record] = []
    var visits: [ElementID: Int] = [:]
    var lastOrder = 0
    var lastEvent = 0
    var resumptions = 0
    var output: JSONValue = [:]
    var error: (code: String, message: String)?

    init(id: String, workflow: String, input: JSONObject, isQueued: Bool, at now: Timestamp) {
        self.id = id
        self.workflow = workflow
        self.input = input
        self.isQueued = isQueued
        createdAt = now
        due = now
    }

    /// The first pause that is open: the only one that Sim shows.
    var openPause: Pause? { pauses.first(where: \.isOpen) }

    var isOver: Bool { if case .ended = phase { true } else { false } }

    /// Sim's word: an ordinary pause reads `pending`, and `paused` when an attempt to resume it has failed.
    var status: SimRunStatus {
        switch phase {
        case .queued: .queued
        case .running: .running
        case .waiting: openPause?.stuckBecause == nil ? .pending : .paused
        case .ended(let status): status
        }
    }
}
