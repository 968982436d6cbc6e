import EventModel
import EventSourcing

/// Follows the conversations of a server. A value without I/O: it is told what happened and says what to do next.
///
/// It asks for a survey, looks at what has another mark than the one remembered, lets the log take in what is new, and moves the bookmark of
/// each conversation behind it. Whoever dies between two steps begins again with the bookmarks: what was taken in is recognised.
struct FollowingMachine: Sendable {
    enum Phase: Sendable, Equatable {
        case recalling
        case surveying
        /// Everything of the latest survey is being taken in.
        case working
        case pausing(before: Next)
        case stopped
    }

    enum Next: Sendable, Equatable { case recall, survey }

    struct Parking: Sendable, Equatable {
        var until: Duration
        var reason: String
    }

    let limits: FollowingLimits
    private let random: any RandomSource
    var backoff: Backoff
    var phase = Phase.recalling
    var isAway = false
    var bookmarks: [String: InboundBookmark] = [:]
    var life: InboundBookmark?
    var marks: [String: String] = [:]
    var parked: [String: Parking] = [:]
    var remarks: [String: String] = [:]
    /// Conversations to look at, and from where.
    var calls: ArraySlice<Call> = []
    var inHand: [ConversationInHand] = []
    var deletions: ArraySlice<String> = []
    var moves: ArraySlice<ConversationMove> = []
    var moving: [ConversationMove] = []
    var surveyPause = Duration.zero
    var awayReason: String?
    /// What was noticed and has not been said.
    var notices: [FollowingNotice] = []

    init(limits: FollowingLimits = FollowingLimits(), random: any RandomSource) {
        self.limits = limits
        self.random = random
        backoff = limits.backoff
    }

    /// What to do first.
    var first: Action { .recall }

    /// How many conversations are followed, those not counted that went away.
    var followed: Int { bookmarks.values.count { !$0.isGone } }
    /// How many stand at something that was refused.
    var standing: Int { parked.count }

    /// Says what was noticed, once.
    mutating func takeNotices() -> [FollowingNotice] {
        defer { notices = [] }
        return notices
    }

    /// - Parameters:
    ///   - now: by a steady clock.
    ///   - moment: by the wall clock, for what is reported.
    mutating func receive(_ input: Input, at now: Duration, _ moment: Timestamp) -> Action {
        switch (phase, input) {
        case (.stopped, _), (_, .superseded): return stop()
        case (_, .logAway): return pause(before: .recall)
        case (.recalling, .recalled(let bookmarks, let life)):
            (self.bookmarks, self.life) = (bookmarks, life)
            return survey()
        case (.surveying, .surveyed(let survey, let took)): take(survey, took, at: now)
        case (.surveying, .serverAway(let reason)), (.working, .serverAway(let reason)): return retreat(reason)
        case (.working, .looked(let answers)): take(answers, at: now)
        case (.working, .settled(let reports)): settle(reports, at: now)
        case (.working, .advanced): advance()
        case (.pausing(.survey), .waited): return survey()
        case (.pausing(.recall), .waited): return recall()
        // What comes at another time answers nothing that was asked: begin again.
        case (_, .recalled), (_, .surveyed), (_, .looked), (_, .settled), (_, .advanced), (_, .serverAway),
            (_, .waited):
            return recall()
        }
        return work(at: moment)
    }
}

// MARK: What next

extension FollowingMachine {
    /// The next step within the latest survey, or the pause before the next one.
    private mutating func work(at moment: Timestamp) -> Action {
        if !moves.isEmpty {
            moving = Array(moves.prefix(limits.conversations))
            moves = moves.dropFirst(moving.count)
            return .advance(moving)
        }
        if !inHand.isEmpty { return .settle(inHand.flatMap { $0.reports(observedAt: moment) }) }
        if !deletions.isEmpty {
            return .settle(
                deletions.prefix(limits.conversations).map { .deletion($0, observedAt: moment) })
        }
        if let reason = awayReason { return retreat(reason) }
        if !calls.isEmpty { return .look(Array(calls.prefix(limits.conversations))) }
        phase = .pausing(before: .survey)
        return .pause(surveyPause)
    }

    private mutating func recall() -> Action {
        putDown()
        phase = .recalling
        return .recall
    }

    private mutating func survey() -> Action {
        putDown()
        phase = .surveying
        return .survey
    }

    private mutating func stop() -> Action {
        putDown()
        phase = .stopped
        return .stop
    }

    private mutating func pause(before next: Next) -> Action {
        phase = .pausing(before: next)
        return .pause(backoff.next(random))
    }

    private mutating func retreat(_ reason: String) -> Action {
        if !isAway { notices.append(.away(reason: reason)) }
        isAway = true
        return pause(before: .survey)
    }

    private mutating func putDown() {
        (calls, inHand, deletions, moves, moving) = ([], [], [], [], [])
        awayReason = nil
    }
}
