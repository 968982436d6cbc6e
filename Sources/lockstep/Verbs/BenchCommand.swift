import ArgumentParser
import PostgresDriver

/// `lockstep bench`.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this machine: our figure, the physical limit in the same run, and the ratio.",
        discussion: """
            A bench makes a database and topics of its own on the given servers, and drops them afterwards; the log that is there is not \
            touched. Figures are medians over --runs, limits measured in turn with ours. A debug build measures nothing.

            Examples:
              lockstep bench append
              lockstep bench read --runs 5 --json
              lockstep bench publish --scale 0.1      # a tenth of the events
            """,
        subcommands: [
            Append.self, Read.self, Publish.self, Project.self, Rebuild.self, Latency.self, Ingest.self, Convert.self,
            Reconcile.self,
        ])

    struct Options: ParsableArguments {
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var answer: AnswerOptions
        @Option(name: .long, help: "How often everything is measured.")
        var runs = 5
        @Option(name: .long, help: ArgumentHelp("Times the usual number of events.", valueName: "factor"))
        var scale = 1.0

        func validate() throws {
            guard (1...1_000).contains(runs) else { throw ValidationError("--runs must be 1 to 1000.") }
            guard (0.001...1_000).contains(scale) else { throw ValidationError("--scale must be 0.001 to 1000.") }
        }

        var report: BenchReport { BenchReport(asJSON: answer.json) }

        func server() async throws -> (url: String, configuration: PostgresConfiguration) {
            #if DEBUG
                StandardError.write("this is a debug build: its figures mean nothing (swift build -c release)")
            #endif
            let settings = try await database.settings()
            return (settings.url, try settings.postgres())
        }
    }

    struct Append: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Append: bulk against COPY, one caller against a bare loop, many callers against plain INSERTs.",
            discussion: """
                The wanted ratios depend on the disk: the flush time is reported first.

                Examples:
                  lockstep bench append
                  lockstep bench append --runs 3 --scale 0.2 --json
                  lockstep bench append --log-sizes 100000,5000000
                """)
        @OptionGroup var options: Options
        @Option(
            name: .long,
            help: ArgumentHelp(
                "Compare processor time per event on logs of these sizes instead.", valueName: "events,events"))
        var logSizes: String?

        func validate() throws {
            if logSizes != nil, sizes == nil {
                throw ValidationError("--log-sizes must be two numbers of 1000 or more, for example 100000,5000000.")
            }
        }

        private var sizes: (Int, Int)? {
            let parts = (logSizes ?? "").split(separator: ",").map { Int($0) ?? 0 }
            return parts.count == 2 && parts.allSatisfy { $0 >= 1_000 } ? (parts[0], parts[1]) : nil
        }

        func run() async throws {
            let server = try await options.server()
            if let sizes {
                return try await GrowthBench(
                    server: server.configuration, report: options.report, runs: options.runs, sizes: sizes
                ).run()
            }
            try await AppendBench(
                connectionString: server.url, server: server.configuration, report: options.report, runs: options.runs,
                scale: options.scale
            ).run()
        }
    }

    struct Read: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read: the whole log against COPY into nothing, one stream against a prepared select.",
            discussion: """
                Examples:
                  lockstep bench read
                  lockstep bench read --runs 1 --scale 10
                """)
        @OptionGroup var options: Options

        func run() async throws {
            try await ReadBench(
                server: try await options.server().configuration, report: options.report, runs: options.runs,
                scale: options.scale
            ).run()
        }
    }

    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish: a waiting log to a new topic, against librdkafka's own loop over the same messages.",
            discussion: """
                Processor time is reported for the publisher, the database and the broker, where they run on this machine.

                Examples:
                  lockstep bench publish
                  lockstep bench publish --kafka 127.0.0.1:9092 --runs 3 --json
                """)
        @OptionGroup var options: Options
        @OptionGroup var kafka: KafkaOptions

        func run() async throws {
            try await PublishBench(
                server: try await options.server().configuration,
                kafka: kafka.settings(try await options.database.source()), report: options.report, runs: options.runs,
                scale: options.scale
            ).run()
        }
    }

    struct Project: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Project: the timeline catching up with a waiting log, against COPY of its rows.",
            discussion: """
                Examples:
                  lockstep bench project
                  lockstep bench project --scale 5 --runs 3
                """)
        @OptionGroup var options: Options

        func run() async throws {
            try await ProjectBench(
                server: try await options.server().configuration, report: options.report, runs: options.runs,
                scale: options.scale
            ).run()
        }
    }

    struct Latency: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Latency: from commit to the record in Kafka and to the row in the view, at a steady rate.",
            discussion: """
                Examples:
                  lockstep bench latency
                  lockstep bench latency --rate 2000
                LOCKSTEP_KAFKA_FETCH_WAIT_MAX_MS=20 lockstep bench latency --runs 3
                """)
        @OptionGroup var options: Options
        @OptionGroup var kafka: KafkaOptions
        @Option(name: .long, help: ArgumentHelp("Events a second.", valueName: "events"))
        var rate = 1_000

        func validate() throws {
            guard (1...100_000).contains(rate) else {
                throw ValidationError("--rate is \(rate) and must be 1 to 100000.")
            }
        }

        func run() async throws {
            try await LatencyBench(
                server: try await options.server().configuration,
                kafka: kafka.settings(try await options.database.source()), report: options.report, runs: options.runs,
                scale: options.scale, rate: rate
            ).run()
        }
    }

    struct Convert: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Convert: workflows of 500 to 50000 blocks there and back, against one pass over their bytes.",
            discussion: """
                No database is needed. The ratio of limit:linear compares the time per element with that of the smallest size.
                With --samples, every workflow file of a directory must come back as it was.

                Examples:
                  lockstep bench convert
                  lockstep bench convert --samples exports/ --json
                """)
        @OptionGroup var options: Options
        @Option(name: .long, help: ArgumentHelp("Workflow files to convert there and back.", valueName: "directory"))
        var samples: String?

        func run() async throws {
            try await ConvertBench(
                report: options.report, runs: options.runs, scale: options.scale, samples: samples
            ).run()
        }
    }
}
