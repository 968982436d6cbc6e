import EventModel
import Foundation
import Testing

@Suite("export --original", .enabled(if: Program.hasDatabase)) struct ExportOriginalTests {
    private let workflows = OriginalExport(kind: "workflow")

    private static func file(_ prompt: String, padding: Int = 0) -> [UInt8] {
        OriginalExport.odd(
            ConversionFiles.workflow.replacing("Ask for the order number", with: prompt), padding: padding)
    }

    private func export(_ words: String..., in environment: [String: String]) async throws -> Program.Outcome {
        try await workflows.export(words, in: environment)
    }

    @Test(arguments: [0, 1_100_000])
    func `gives out the very bytes that were imported, the newest or those of a revision`(_ padding: Int) async throws {
        let first = Self.file("Ask once", padding: padding)
        let second = Self.file("Ask twice", padding: padding)
        try await ConversionFiles.withDirectory { directory in
            let out = directory.appendingPathComponent("out.json")
            try await TestDatabase.with { environment in
                try await workflows.imported(first, in: environment, outcome: "imported")
                let printed = try await export(in: environment)
                #expect(printed.status == 0 && printed.err.isEmpty && Array(printed.out.utf8) == first)
                try await workflows.imported(second, in: environment, outcome: "revised")
                _ = try await Program.run(["workflow", "rename", "refund", "Return"], environment: environment)
                let written = try await export("--out", out.path, "--json", in: environment)
                #expect(written.status == 0, "\(written.err)")
                #expect(try Array(Data(contentsOf: out)) == second)
                let answer = try #require(try written.objects().first)
                #expect(try AnswerSchema("export").flaws(in: answer) == [])
                #expect(answer["bytes"]?.int == second.count && answer["format"] == "sim-export-1.0")
                let original = answer["original"]
                #expect(original?["revision"]?.int == 2 && original?["newest_revision"]?.int == 3)
                #expect(original?["digest"]?.string == ContentDigest(of: second).hexadecimal)
                let earlier = try await export("--revision", "1", in: environment)
                #expect(Array(earlier.out.utf8) == first && earlier.err.contains("its newest revision is 3"))
                for (revision, sentence) in [("3", "came from no file"), ("4", "the newest is 3")] {
                    let none = try await export("--revision", revision, in: environment)
                    #expect(none.status == 1 && none.out.isEmpty && none.err.contains(sentence), "\(none.err)")
                }
            }
        }
    }

    @Test func `needs the key, and says so when there is none, a wrong one, or the data were erased`() async throws {
        let bytes = Self.file("Ask")
        try await ConversionFiles.withDirectory { directory in
            let out = directory.appendingPathComponent("out.json")
            try await TestDatabase.with { environment in
                try await workflows.imported(bytes, in: environment, outcome: "imported")
                var keyless = environment
                keyless["LOCKSTEP_MASTER_KEY"] = nil
                let unseen = try await export("--out", out.path, in: keyless)
                #expect(unseen.status == 3 && unseen.err.contains("LOCKSTEP_MASTER_KEY_FILE"), "\(unseen.err)")
                var foreign = environment
                foreign["LOCKSTEP_MASTER_KEY"] = "test:" + Data(repeating: 9, count: 32).base64EncodedString()
                let wrong = try await export("--out", out.path, in: foreign)
                #expect(wrong.status == 3 && wrong.err.contains("master key"), "\(wrong.err)")
                _ = try await Program.run(["erase", "--subject", "workspace:default"], environment: environment)
                let erased = try await export("--out", out.path, "--json", in: environment)
                #expect(erased.status == 1 && erased.out.isEmpty)
                #expect(erased.err.contains("was erased with the data of workspace:default"), "\(erased.err)")
                #expect(!FileManager.default.fileExists(atPath: out.path))
                try await workflows.imported(bytes, in: environment, outcome: "revised")
                #expect(Array(try await export(in: environment).out.utf8) == bytes)
                #expect(try await export("--revision", "1", in: environment).err.contains("was erased"))
            }
        }
    }

    @Test func `a workflow without a file has none, and where it cannot be written nothing is`() async throws {
        try await ConversionFiles.withDirectory { directory in
            try await TestDatabase.with { environment in
                let unknown = try await export(in: environment)
                #expect(unknown.status == 1 && unknown.err.contains("no such workflow"), "\(unknown.err)")
                let file = directory.appendingPathComponent("journey.json")
                try Data(OriginalExport.journey("Ask").utf8).write(to: file)
                let converted = try await Program.run(
                    ["convert", "journey", file.path, "--id", "refund"], environment: environment)
                #expect(converted.status == 0, "\(converted.out)\(converted.err)")
                let made = try await export(in: environment)
                #expect(made.status == 1 && made.err.contains("it came from no file"), "\(made.err)")
                try await workflows.imported(Self.file("Ask"), in: environment, outcome: "revised")
                for place in ["missing/out.json", "", "."] {
                    let path = directory.appendingPathComponent(place).path
                    let failed = try await export("--out", place.isEmpty ? "" : path, in: environment)
                    #expect(failed.status == 3 && failed.err.contains("cannot be written"), "\(failed.err)")
                }
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["journey.json"])
            }
        }
    }

    @Test(arguments: [
        ["export", "workflow", "refund", "--revision", "1"],
        ["export", "workflow", "refund", "--original", "--revision", "0"],
        ["export", "workflow", "refund", "--original", "--format", "sim-state"],
        ["export", "workflow", "refund", "--original", "--incomplete"],
        ["export", "workflow", "", "--original"],
    ])
    func `what has no meaning together is refused`(_ arguments: [String]) async throws {
        var environment = ["LOCKSTEP_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"]
        environment["LOCKSTEP_MASTER_KEY"] = TestDatabase.masterKey
        #expect(try await Program.run(arguments, environment: environment).status == 2)
    }
}
