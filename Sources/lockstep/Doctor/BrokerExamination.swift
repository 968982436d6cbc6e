import EventSourcing
import KafkaDriver
import KafkaPublishing
import PostgresEventStore

/// Looks at the broker and the topic.
struct BrokerExamination: Sendable {
    private static let answerTime = Duration.seconds(5)

    let settings: KafkaSettings

    /// - Returns: the findings, and whether the topic is there to be compared with the log.
    func run() async -> ([Finding], exists: Bool?) {
        do {
            let admin = try KafkaAdmin(settings.kafka, timeout: Self.answerTime)
            guard let topic = try await admin.metadata(of: settings.topic) else {
                return (
                    [
                        reachable,
                        .warning("topic", "\(settings.topic) does not exist yet", cure: "`lockstep serve` creates it"),
                    ], false
                )
            }
            var findings = [reachable, partitions(topic)]
            findings += settingsFindings((try? await admin.describeConfigs(ofTopic: settings.topic)) ?? [:])
            return (findings, topic.partitions.count == settings.partitions && topic.hasAllLeaders)
        } catch {
            guard error.code != .invalidArgument else { return ([.failed("broker", error)], nil) }
            return (
                [
                    .unreachable(
                        "broker", "no broker answers at \(settings.bootstrap)",
                        cure: "check --kafka or LOCKSTEP_KAFKA, and whether the broker runs")
                ], nil
            )
        }
    }

    private var reachable: Finding { .ok("broker", "answers at \(settings.bootstrap)") }

    private func partitions(_ topic: KafkaTopicMetadata) -> Finding {
        let count = topic.partitions.count
        guard count == settings.partitions else {
            return .wrong(
                "topic", "\(topic.name) has \(count) partitions, this log has \(settings.partitions) lanes",
                cure:
                    "set LOCKSTEP_TOPIC_PARTITIONS=\(count), or publish to a new topic; the number decides where every key lives"
            )
        }
        guard topic.hasAllLeaders else {
            return .wrong("topic", "a partition of \(topic.name) has no leader", cure: "look at the brokers")
        }
        return .ok(
            "topic", "\(topic.name), \(count) partitions, \(topic.partitions.first?.replicas.count ?? 0) copies of each"
        )
    }

    private func settingsFindings(_ found: [String: KafkaTopicSetting]) -> [Finding] {
        var findings: [Finding] = []
        if let text = found["max.message.bytes"]?.value, let bytes = Int(text), bytes < TopicSettings.leastMessageBytes
        {
            findings.append(
                .wrong(
                    "max.message.bytes", "\(bytes), which cannot hold every legal event",
                    cure: "set it to \(TopicSettings.maxMessageBytes) on topic \(settings.topic)"))
        }
        if let policy = found["cleanup.policy"]?.value, policy.contains("compact") {
            findings.append(
                .wrong(
                    "cleanup.policy", "\(policy): compaction destroys history",
                    cure: "set it to delete on topic \(settings.topic)"))
        }
        if let retention = found["retention.ms"]?.value, retention != "-1" {
            findings.append(
                .warning(
                    "retention.ms", "\(retention): consumers that are away for longer miss events",
                    cure: "set it to -1 on topic \(settings.topic)"))
        }
        return findings
    }
}

extension TailComparison {
    /// What the comparison says about the log.
    var finding: Finding {
        let check = "copy in Kafka"
        guard exists else { return .ok(check, "nothing to compare: the topic does not exist") }
        guard let first = contradictions.first else {
            return .ok(
                check,
                position == .start
                    ? "empty" : "up to position \(position), the same events as the log, whose head is \(head)")
        }
        let what = first.standing == .ahead ? "the log ends at \(head)" : "the log holds another event there"
        if isLeft {
            return .wrong(
                check, "\(topic) is the copy of an earlier history, which the log has left, on record",
                cure: "publish to a new topic (--topic-prefix or LOCKSTEP_TOPIC_PREFIX), and move its consumers there")
        }
        return .wrong(
            check, "partition \(first.lane) holds position \(first.position), but \(what)",
            cure:
                "stop the writers; restore the copy of the log that has these events, or see `lockstep doctor adopt-history`"
        )
    }
}
