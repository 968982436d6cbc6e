import EventModel
import Foundation
import Testing

@Suite("export journey --original", .enabled(if: Program.hasDatabase)) struct ExportJourneyOriginalTests {
    private let journeys = OriginalExport(kind: "journey")

    private static func file(_ action: String, padding: Int = 0) -> [UInt8] {
        OriginalExport.odd(OriginalExport.journey(action), padding: padding)
    }

    private func export(_ words: String..., in environment: [String: String]) async throws -> Program.Outcome {
        try await journeys.export(words, in: environment)
    }

    @Test(arguments: [0, 1_100_000])
    func `gives out the very bytes that were imported, the newest or those of a revision`(_ padding: Int) async throws {
        let first = Self.file("Ask once", padding: padding)
        let second = Self.file("Ask twice", padding: padding)
        try await ConversionFiles.withDirectory { directory in
            let out = directory.appendingPathComponent("out.json")
            try await TestDatabase.with { environment in
                let done = try await journeys.imported(first, in: environment, outcome: "imported")
                let again = try await journeys.imported(first, in: environment, outcome: "unchanged")
                #expect(again["version"] == done["version"] && again["position"] == done["position"])
                let printed = try await export(in: environment)
                #expect(
                    printed.status == 0 && printed.err.isEmpty && Array(printed.out.utf8) == first, "\(printed.err)")
                try await journeys.imported(second, in: environment, outcome: "revised")
                let written = try await export("--out", out.path, "--json", in: environment)
                #expect(written.status == 0, "\(written.err)")
                #expect(try Array(Data(contentsOf: out)) == second)
                let answer = try #require(try written.objects().first)
                #expect(try AnswerSchema("export").flaws(in: answer) == [])
                #expect(answer["bytes"]?.int == second.count && answer["format"] == "lockstep-journey")
                let original = answer["original"]
                #expect(original?["revision"]?.int == 2 && original?["newest_revision"]?.int == 2)
                #expect(original?["digest"]?.string == ContentDigest(of: second).hexadecimal)
                let earlier = try await export("--revision", "1", in: environment)
                #expect(Array(earlier.out.utf8) == first)
                #expect(earlier.err.contains("the journey has changed since, its newest revision is 2"))
                let none = try await export("--revision", "3", in: environment)
                #expect(none.status == 1 && none.out.isEmpty && none.err.contains("the newest is 2"), "\(none.err)")
            }
        }
    }

    @Test func `needs the key, and says so when there is none, or the data were erased`() async throws {
        let bytes = Self.file("Ask")
        try await TestDatabase.with { environment in
            try await journeys.imported(bytes, in: environment, outcome: "imported")
            var keyless = environment
            keyless["LOCKSTEP_MASTER_KEY"] = nil
            let unseen = try await export(in: keyless)
            #expect(unseen.status == 3 && unseen.err.contains("LOCKSTEP_MASTER_KEY_FILE"), "\(unseen.err)")
            _ = try await Program.run(["erase", "--subject", "workspace:default"], environment: environment)
            let erased = try await export("--json", in: environment)
            #expect(erased.status == 1 && erased.out.isEmpty)
            #expect(erased.err.contains("was erased with the data of workspace:default"), "\(erased.err)")
            try await journeys.imported(bytes, in: environment, outcome: "revised")
            #expect(Array(try await export(in: environment).out.utf8) == bytes)
            #expect(try await export("--revision", "1", in: environment).err.contains("was erased"))
        }
    }

    @Test func `a journey made by a conversion has none, and a file that is brought to be converted is kept`()
        async throws
    {
        try await ConversionFiles.withDirectory { directory in
            try await TestDatabase.with { environment in
                let unknown = try await export(in: environment)
                #expect(unknown.status == 1 && unknown.err.contains("no such journey"), "\(unknown.err)")
                let workflow = directory.appendingPathComponent("workflow.json")
                try Data(ConversionFiles.workflow.utf8).write(to: workflow)
                let made = try await Program.run(
                    ["convert", "workflow", workflow.path, "--id", "made", "--json"], environment: environment)
                #expect(made.status == 0, "\(made.out)\(made.err)")
                let none = try await Program.run(
                    ["export", "journey", "made", "--original"], environment: environment)
                #expect(none.status == 1 && none.err.contains("it came from no file"), "\(none.err)")
                let journey = directory.appendingPathComponent("journey.json")
                try Data(Self.file("Ask")).write(to: journey)
                let converted = try await Program.run(
                    ["convert", "journey", journey.path, "--id", "refund"], environment: environment)
                #expect(converted.status == 0, "\(converted.out)\(converted.err)")
                #expect(Array(try await export(in: environment).out.utf8) == Self.file("Ask"))
            }
        }
    }

    @Test(arguments: [
        ["--revision", "1"], ["--original", "--revision", "0"], ["--original", "--format", "mermaid"],
        ["--original", "--incomplete"],
    ])
    func `what has no meaning together is refused`(_ words: [String]) async throws {
        var environment = ["LOCKSTEP_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"]
        environment["LOCKSTEP_MASTER_KEY"] = TestDatabase.masterKey
        let refused = try await Program.run(["export", "journey", "refund"] + words, environment: environment)
        #expect(refused.status == 2, "\(refused.err)")
    }
}
