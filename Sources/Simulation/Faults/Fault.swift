/// What goes wrong in a simulated world.
public enum Fault: String, Sendable, CaseIterable, Hashable {
    /// The database refuses a call at once.
    case databaseRefused = "database refused a call"
    /// A call never arrives; the caller does not know.
    case requestLost = "request lost"
    /// A call is carried out; its answer never arrives.
    case answerLost = "answer lost"
    /// A call is carried out long after its caller gave up.
    case lateExecution = "late execution"
    /// The database is away for a while; everything under way is lost.
    case databaseOutage = "database outage"
    /// The server's wall clock is set.
    case clockStep = "clock step"
    /// A process dies between two of its steps.
    case crash
    /// A process dies while one of its calls is on its way.
    case deathAtCall = "death at a call"
    /// A process stands still, perhaps for longer than its lease.
    case pause
    /// An acknowledgement of the broker is lost and the producer sends again.
    case acknowledgementLost = "acknowledgement lost"
    /// A record is written twice by such a retry.
    case duplicateDelivery = "duplicate delivery"
    /// A chunk of records never arrives although later ones do.
    case chunkLost = "chunk lost"
    /// Records of an abandoned producer arrive later.
    case straggler
    /// The broker restarts without its newest records.
    case truncation
    /// The broker restarts with all its records.
    case brokerRestart = "broker restart"
    /// The topic is deleted and made again.
    case topicRecreated = "topic recreated"
    /// The broker refuses a call at once.
    case brokerRefused = "broker refused a call"
    /// Somebody else writes to a partition of the topic.
    case foreignRecord = "foreign record"
    /// A partition loses its oldest records.
    case retention
    /// A group goes on without a member that was silent for too long.
    case memberDropped = "member dropped"
    /// A member learns late what its group has decided.
    case decisionLate = "late decision"
    /// A member is told that its group does not come to a decision, and later what was decided.
    case groupUndecided = "undecided group"
    /// A member is told again what its group has decided.
    case decisionRepeated = "repeated decision"
    /// An offset that was left for the next reader is lost.
    case hintLost = "hint lost"
    /// The next reader finds an offset that was left long ago, or that nobody has left.
    case hintWrong = "wrong hint"
    /// An engine does not answer for a while.
    case engineAway = "engine away"
    /// What an engine is asked never arrives; whoever asks does not know.
    case orderLost = "order lost"
    /// An engine does what it is asked; its answer never arrives.
    case orderAnswerLost = "order's answer lost"
    /// An engine is asked long after whoever asked gave up.
    case orderLate = "late order"
    /// An engine cannot go on where it is resumed, and waits on.
    case resumeFailed = "resumption failed"
    /// An engine's report comes late.
    case reportLate = "late report"
    /// An engine's report comes twice.
    case reportRepeated = "repeated report"
    /// Nothing that an engine reports arrives for a while.
    case reportsHeldUp = "reports held up"
    /// Other rules are in force.
    case policyChanged = "policy changed"
    /// An execution moves again that was left alone because nothing did for long.
    case longSilence = "long silence"
}

/// How often faults happen.
struct FaultRates: Sendable {
    /// Of a thousand calls to the database, each.
    var databaseRefused = 15
    var requestLost = 10
    var answerLost = 12
    /// Of a thousand calls that write.
    var lateExecution = 25
    /// Of a thousand calls to the database or to a topic.
    var deathAtCall = 0
    /// Of a thousand chunks, each.
    var acknowledgementLost = 30
    var duplicateDelivery = 300
    var chunkLost = 10
    /// Of a thousand calls to the broker.
    var brokerRefused = 20
    /// Of a thousand chunks of an abandoned producer that arrive all the same.
    var straggler = 600
    /// Of a thousand decisions of a group, each.
    var decisionLate = 150
    var decisionRepeated = 200
    /// Of a thousand late decisions.
    var groupUndecided = 500
    /// Of a thousand times that offsets are left.
    var hintLost = 200
    /// Of a thousand offsets that are asked for.
    var hintWrong = 200
    /// Of a thousand questions and orders to an engine, each.
    var orderLost = 40
    var orderAnswerLost = 100
    var orderLate = 80
    /// Of a thousand answers of an engine, those behind which a process stands still: what it does next may be too late.
    var pauseAtAnswer = 40
    /// Of a thousand resumptions.
    var resumeFailed = 60
    /// Of a thousand reports, each.
    var reportLate = 200
    var reportRepeated = 200

    /// Processes die at their calls as well: what they do takes a few calls, and must survive a death between any two.
    static let withDeaths: FaultRates = {
        var rates = FaultRates()
        rates.deathAtCall = 12
        return rates
    }()

    /// Many writes come late: those that come after a lane has gone to somebody else are what a fence is for.
    static let withLateWrites: FaultRates = {
        var rates = FaultRates.withDeaths
        rates.lateExecution = 80
        return rates
    }()

    /// A calm world.
    static let none = FaultRates(
        databaseRefused: 0, requestLost: 0, answerLost: 0, lateExecution: 0, deathAtCall: 0,
        acknowledgementLost: 0, duplicateDelivery: 0,
        chunkLost: 0, brokerRefused: 0, straggler: 0, decisionLate: 0, decisionRepeated: 0, groupUndecided: 0,
        hintLost: 0, hintWrong: 0, orderLost: 0, orderAnswerLost: 0, orderLate: 0, pauseAtAnswer: 0, resumeFailed: 0,
        reportLate: 0, reportRepeated: 0)
}
