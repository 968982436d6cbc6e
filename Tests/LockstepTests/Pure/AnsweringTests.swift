import Conversion
import Converting
import EventModel
import EventSourcing
import Testing
import WorkflowDomain

@testable import lockstep

@Suite("Answers for people") struct AnsweringTests {
    @Test func `columns are aligned, and numbers to the right`() {
        var table = Table([("NAME", .left), ("COUNT", .right), ("REST", .left)])
        table.add(["a", "1", "x"])
        table.add(["long", "12345", "y"])
        #expect(table.lines(Style(isColoured: false)) == ["NAME  COUNT  REST", "a         1  x", "long  12345  y"])
    }

    @Test func `what comes from outside cannot move the cursor`() {
        #expect(Table.printable("a\u{1b}[2Jb\r\nc\u{202e}d") == "a·[2Jb··c·d")
    }

    @Test func `an error is one sentence, and the hint is what to do`() {
        let failure = Failure(StoreError.schemaMismatch(found: 0, needed: 2))
        #expect(failure.status == .environment)
        #expect(failure.error == "the database has schema version 0, this program needs 2")
        #expect(failure.hint == "run `lockstep migrate up`")
    }

    @Test func `a corrupt log is not the environment's fault`() {
        #expect(Failure(StoreError.corrupt(at: GlobalPosition(3), reason: "x")).status == .internal)
        #expect(Failure(StoreError.unavailable(reason: "x")).status == .environment)
        #expect(Failure(StoreError.refused(.tooManyEvents(count: 2, limit: 1))).status == .usage)
    }
}

@Suite("What commands fail with") struct CommandFailureTests {
    private static let gone = StoreError.unavailable(reason: "connection failed:\n\tIs the server running?")

    @Test func `a log that is not there is the environment's fault, whoever asked`() {
        let errors: [any Error] = [
            CommandError<Never>.store(Self.gone), ConversionFault.failed(Self.gone),
            ConversionFault.failed(CommandError<ConversionDecider.Rejection>.store(Self.gone)),
        ]
        for error in errors { #expect(Failure(error) == Failure(Self.gone)) }
        #expect(Failure(Self.gone).status == .environment)
        #expect(!Failure(Self.gone).error.contains { $0.isNewline || $0 == "\t" })
    }

    @Test func `a lost race and a refusal are an answer`() {
        let errors: [any Error] = [
            JointContention(attempts: 2), ConversionFault.failed(JointContention(attempts: 2)),
            CommandError<Never>.contended(stream: StreamName(trusting: "a-1"), attempts: 2),
            CommandError<WorkflowDecider.Rejection>.rejected(.notImported),
            ConversionFault.unknownSource(.toJourney, id: "x"),
        ]
        for error in errors {
            #expect(Failure(error).status == .no)
            #expect(!Failure(error).hint.contains("mistake in lockstep"))
        }
    }

    @Test func `an error of many lines is one sentence`() {
        #expect(
            Failure(.no, describing: "one\n  two; do\tthis", otherwise: "-") == Failure(.no, "one two", hint: "do this")
        )
    }

    @Test func `many problems of a file are one sentence`() {
        let bad = Array(#"{"blocks":{"a":{"id":"a"},"b":3},"edges":4,"loops":{},"parallels":{}}"#.utf8)
        #expect {
            _ = try WorkflowFile.read(bad, name: "x.json")
        } throws: {
            guard let error = $0 as? WorkflowFormatError else { return false }
            return !error.summary.contains("\n") && error.summary.contains("3 problems, the first at $.blocks")
        }
    }

    @Test func `the steps of a conversion are one line`() {
        #expect(ConversionDisplay.line(["validate", "analyse"], "storing") == "✓ validate  ✓ analyse  … storing")
    }
}

@Suite("Settings") struct SettingsTests {
    @Test func `the environment names the database and the broker's properties`() async throws {
        let source = try await SettingsSource(
            file: nil,
            environment: [
                "LOCKSTEP_DATABASE_URL": "postgres://h/d", "LOCKSTEP_KAFKA": "b:9092",
                "LOCKSTEP_KAFKA_SASL_USERNAME": "u",
                "LOCKSTEP_TOPIC_PARTITIONS": "7", "LOCKSTEP_TOPIC_PREFIX": "",
            ])
        #expect(try DatabaseSettings(source, url: nil).url == "postgres://h/d")
        let kafka = try KafkaSettings(source, bootstrap: nil, topicPrefix: nil)
        #expect(kafka.bootstrap == "b:9092")
        #expect(kafka.properties == ["sasl.username": "u"])
        #expect(kafka.partitions == 7 && kafka.topic == "lockstep.events")
    }

    @Test func `no connection has its statements compiled, and the lanes are known wherever the log is`() async throws {
        let source = try await SettingsSource(
            file: nil, environment: ["LOCKSTEP_DATABASE_URL": "postgres://h/d", "LOCKSTEP_TOPIC_PARTITIONS": "7"])
        let settings = try DatabaseSettings(source, url: nil)
        #expect(try settings.postgres().settings.map { "\($0.name)=\($0.value)" } == ["jit=off"])
        #expect(settings.lanes == 7)
    }

    @Test func `the command line wins`() async throws {
        let source = try await SettingsSource(file: nil, environment: ["LOCKSTEP_DATABASE_URL": "postgres://h/d"])
        #expect(try DatabaseSettings(source, url: "postgres://other/d").url == "postgres://other/d")
    }

    @Test(arguments: ["x", "0", "10001", "1.5", "-3"])
    func `a number that cannot be is refused by name`(_ text: String) async throws {
        let source = try await SettingsSource(file: nil, environment: ["LOCKSTEP_TOPIC_PARTITIONS": text])
        let failure = #expect(throws: Failure.self) { try KafkaSettings(source, bootstrap: "b", topicPrefix: nil) }
        #expect(failure?.status == .usage)
        #expect(failure?.error.contains("LOCKSTEP_TOPIC_PARTITIONS") == true)
    }

    @Test(arguments: ["", "a b", "ü", "a/b", String(repeating: "x", count: 201)])
    func `a topic prefix that Kafka would refuse is refused`(_ prefix: String) async throws {
        let source = try await SettingsSource(file: nil, environment: [:])
        #expect(throws: Failure.self) { try KafkaSettings(source, bootstrap: "b", topicPrefix: prefix) }
    }

    @Test func `roles are chosen by name, each once`() throws {
        #expect(
            try Role.parse(["projector", " publisher", "projector"], hasParlant: true, hasSim: false) == [
                .projector, .publisher,
            ])
        #expect(try Role.parse(nil, hasParlant: true, hasSim: true) == Role.allCases)
        #expect(
            try !Role.parse(nil, hasParlant: false, hasSim: true).contains(.parlant), "off where no server is named")
        #expect(
            try !Role.parse(nil, hasParlant: true, hasSim: false).contains(.reconciler),
            "off where one of the engines cannot be told anything")
        #expect(throws: Failure.self) { try Role.parse(["gardener"], hasParlant: false, hasSim: false) }
    }
}
