import ArgumentParser
import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

/// `lockstep doctor adopt-history`.
struct AdoptHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt-history",
        abstract: "Let a restored or promoted copy of the log go on, on the record.",
        discussion: """
            After a backup was restored elsewhere, or a standby promoted, writers refuse until somebody has looked; after an older backup \
            was restored in place, the publisher does. This compares the end of the log with the ends of the Kafka partitions, shows \
            both, and with --yes begins a new incarnation, recorded as log.forked in the stream of the old one. When Kafka holds events \
            that the log has lost, it refuses: restore a newer copy, or say --accept-loss and publish to a new topic. The topics with the \
            lost events stay as they are, and what was noted of their publishing is given up.

            Stop the writers first.

            Examples:
              lockstep doctor adopt-history                  # compare and show; changes nothing
              lockstep doctor adopt-history --yes --actor ada
              lockstep doctor adopt-history --yes --accept-loss && lockstep serve --topic-prefix lockstep2
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var kafka: KafkaOptions
    @OptionGroup var answer: AnswerOptions

    @Flag(name: .long, help: "Do it; otherwise it is only shown.")
    var yes = false
    @Flag(name: .long, help: "Go on although Kafka holds events that the log has lost.")
    var acceptLoss = false
    @Flag(name: .long, help: "Go on without comparing with Kafka, for a log that is not published.")
    var withoutKafka = false
    @Option(name: .long, help: "Who decides, as it is recorded.")
    var actor: String?

    func run() async throws {
        let source = try await database.source()
        let settings = try DatabaseSettings(source, url: database.database)
        let history = try await OpenLog.connection(settings) { try await LogHistory.read(on: $0) }
        let comparison = try await compare(source, settings)
        guard history.mismatch != nil || comparison?.isContradicted == true else {
            if !answer.json { StandardOutput.shared.write(nothingToAdopt(comparison)) }
            return
        }
        if !answer.json { show(history, comparison) }
        try refuseLoss(comparison)
        guard yes else {
            throw Failure(.no, "nothing was changed", hint: "stop the writers, then run it again with --yes")
        }
        let adoption = HistoryAdoption(
            seen: history, topicPosition: comparison?.position,
            left: comparison?.isContradicted == true ? try kafka.settings(source).publishedTopics : [], actor: actor)
        let ids = IDSource()
        let receipt = try await OpenLog.connection(settings) { connection in
            try await adoption.run(
                on: connection, eventID: ids.next(), incarnation: ids.next(), at: SystemTimekeeper().now())
        }
        report(receipt)
    }

    private func compare(_ source: SettingsSource, _ settings: DatabaseSettings) async throws -> TailComparison? {
        guard !withoutKafka else { return nil }
        let kafkaSettings = try kafka.settings(source)
        let (findings, exists) = await BrokerExamination(settings: kafkaSettings).run()
        guard let exists else {
            let finding = findings.first { $0.verdict != .ok }
            throw Failure(
                .environment, finding?.found ?? "the broker cannot be examined",
                hint: finding?.cure ?? "run `lockstep doctor`")
        }
        return try await OpenLog.forReading(settings) {
            try await TailComparison.read($0, kafkaSettings, exists: exists)
        }
    }

    private func refuseLoss(_ comparison: TailComparison?) throws(Failure) {
        guard let comparison, comparison.isContradicted, let end = comparison.contradictions.first, !acceptLoss else {
            return
        }
        throw Failure(
            .no,
            "partition \(end.lane) of \(comparison.topic) holds position \(end.position), which this log "
                + (end.standing == .ahead ? "(head \(comparison.head)) has lost" : "holds as another event"),
            hint: "restore a newer copy of the log, or say --accept-loss and publish to a new topic (--topic-prefix)")
    }

    private func nothingToAdopt(_ comparison: TailComparison?) -> String {
        guard let comparison, comparison.isLeft else { return "nothing to adopt: the log is where it was written last" }
        return
            "nothing to adopt: it is on record that the log has left what \(comparison.topic) holds; publish to a new topic "
            + "(--topic-prefix), and move its consumers there"
    }

    private func show(_ history: LogHistory, _ comparison: TailComparison?) {
        let output = StandardOutput.shared
        var table = Table([("", .left), ("SYSTEM", .left), ("TIMELINE", .right), ("HEAD", .right)])
        table.add([
            "remembered", history.remembered.systemIdentifier, "\(history.remembered.timeline)", "\(history.position)",
        ])
        table.add(["found", history.found.systemIdentifier, "\(history.found.timeline)", "\(history.position)"])
        table.print()
        guard let comparison else { return output.write("\nKafka was not looked at (--without-kafka)") }
        guard comparison.exists else {
            return output.write("\nThe topic \(comparison.topic) does not exist: nothing to compare")
        }
        output.write("\nThe ends of \(comparison.topic)")
        var ends = Table([("PARTITION", .right), ("POSITION", .right), ("IN THE LOG", .left)])
        for end in comparison.ends {
            let standing =
                switch end.standing {
                case .empty: "(empty)"
                case .same: "the same event"
                case .ahead: "missing: the log ends at \(comparison.head)"
                case .other: "another event"
                }
            ends.add(["\(end.lane)", "\(end.position)", standing])
        }
        ends.print()
    }

    private func report(_ receipt: HistoryAdoption.Receipt) {
        guard answer.json else {
            StandardOutput.shared.write(
                "adopted: incarnation \(receipt.incarnation.text), recorded at position \(receipt.position) in \(receipt.stream); "
                    + "\(receipt.checkpoints) checkpoints carried over")
            if !receipt.left.isEmpty {
                StandardOutput.shared.write(
                    "left as they are: \(receipt.left.joined(separator: ", ")); publish to a new topic (--topic-prefix)"
                )
            }
            return
        }
        Answers.object { object in
            object.member("incarnation", receipt.incarnation)
            object.member("stream", receipt.stream)
            object.member("position", receipt.position.rawValue)
            object.member("checkpoints", receipt.checkpoints)
            object.member("left_topics", receipt.left)
        }
    }
}
