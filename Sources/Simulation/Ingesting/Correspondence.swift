import EventModel
import EventSourcing
import EventSourcingTesting

/// Everything that is written to the inbound topic of a world: the reports of a few runs and sessions, and what should not be there.
struct Correspondence: Sendable {
    /// Letters that are posted together, in order, and when.
    struct Posting: Sendable {
        let letters: [Letter]
        let delay: Duration
    }

    /// The execution that only refused letters speak of.
    static let decoy = "decoy"

    private(set) var postings: [Posting] = []
    private(set) var letters: [Letter] = []
    /// The reports of each matter, in the order in which things happened.
    private(set) var histories: [Letter.Matter: [[UInt8]]] = [:]
    /// The execution that a session walks for.
    private(set) var walks: [String: String] = [:]

    init(_ random: inout SeededGenerator) {
        for number in 1...3 {
            let run = ModelRun("run-\(number)", &random)
            add(run.reports, about: .execution(run.execution), &random)
        }
        for number in 1...2 {
            let execution = number == 1 ? "run-1" : nil
            let session = ModelSession("chat-\(number)", for: execution, &random)
            walks[session.session] = execution
            add(session.reports, about: .session(session.session), &random)
        }
        addRefusable(&random)
        for _ in 0..<4 { addContradiction(&random) }
    }

    private mutating func add(_ reports: [String], about matter: Letter.Matter, _ random: inout SeededGenerator) {
        histories[matter] = reports.map { Array($0.utf8) }
        for report in reports {
            let isNamed = random.chance(perMille: 400)
            let letter = letter(
                report, named: isNamed ? "m\(letters.count)" : nil, about: matter, .taken, &random)
            post([letter], &random)
            if random.chance(perMille: 250) { post([letter], &random) }
        }
        guard random.chance(perMille: 500) else { return }
        // A sender that repeats a good part of what it has said in one message.
        let all = "[\(reports.prefix(10).joined(separator: ","))]"
        post([letter(all, named: nil, about: matter, .taken, &random)], &random)
    }

    /// What nobody can take in.
    private mutating func addRefusable(_ random: inout SeededGenerator) {
        let flawed: [(String, InboundRejection.Code)] = [
            ("", .empty), (#"{"execution":"#, .notJSON), (#"{"hello":1}"#, .unknownForm), ("[1]", .malformed),
            (#"{"execution":"\#(Self.decoy)","type":"started"}"#, .malformed),
            (#"{"session_id":"\#(Self.decoy)","events":[{}]}"#, .malformed),
            (#"{"specversion":"1.0","id":"","source":"s","data":{}}"#, .malformed),
        ]
        for (payload, code) in flawed {
            let letter = letter(payload, named: nil, about: nil, .refused(code), &random)
            post([letter], &random)
        }
    }

    /// A name that is used for one message, and then for another.
    private mutating func addContradiction(_ random: inout SeededGenerator) {
        guard let first = letters.filter({ $0.fate == .taken && $0.name != nil }).randomElement(using: &random) else {
            return
        }
        let other = ModelRun(Self.decoy, &random).reports[1]
        let second = Letter(
            number: letters.count, partition: first.partition, name: first.name, payload: Array(other.utf8),
            matter: nil, fate: .refused(.keyReused))
        letters.append(second)
        post([first, second], &random)
    }

    private mutating func letter(
        _ payload: String, named name: String?, about matter: Letter.Matter?, _ fate: Letter.Fate,
        _ random: inout SeededGenerator
    ) -> Letter {
        let letter = Letter(
            number: letters.count, partition: Int32(random.below(SimulatedInbound.partitions)), name: name,
            payload: Array(payload.utf8), matter: matter, fate: fate)
        letters.append(letter)
        return letter
    }

    private mutating func post(_ letters: [Letter], _ random: inout SeededGenerator) {
        postings.append(Posting(letters: letters, delay: random.duration(0...18_000_000)))
    }
}
