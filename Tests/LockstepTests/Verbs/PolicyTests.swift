import EventModel
import EventSourcingTesting
import Foundation
import Testing

@testable import lockstep

@Suite("policy") struct PolicyTests {
    private static let refused = """
        policy: house
        version: 1
        rules:
          - path: variables/**
            rule: journey_wins
          - path: variables/total
            rule: fastest
        """

    @Test func `the default policy is printed, and is valid when it is checked`() async throws {
        let printed = try await Program.run(["policy", "default"])
        #expect(printed.status == 0)
        let path = ProjectFiles.path("Schemas/policies/default.yaml")
        #expect(Array(printed.out.utf8) == (try ProjectFiles.bytes(path)))
        let answer = try await Program.run(["policy", "check", "--json", "-"], input: Array(printed.out.utf8))
        #expect(answer.status == 0, "\(answer.out)\(answer.err)")
        let object = try #require(try answer.objects().first)
        #expect(try AnswerSchema("policy_check").flaws(in: object) == [])
        #expect(object["file"] == "-" && object["verdict"] == "valid" && object["policy"] == "default")
        #expect((object["examples"]?.array?.count ?? 0) >= 12)
        let told = object["examples"]?.array?.contains { $0["told"]?.array?.isEmpty == false }
        #expect(told == true)
    }

    @Test func `the schema is printed as it lies in the project`() async throws {
        let printed = try await Program.run(["policy", "schema"])
        #expect(
            Array(printed.out.utf8) == (try ProjectFiles.bytes(ProjectFiles.path("Schemas/policies/policy.v1.json"))))
    }

    @Test func `everything that is wrong is told at once with its line, and the status is 1`() async throws {
        let answer = try await Program.run(["policy", "check", "--json", "-"], input: Array(Self.refused.utf8))
        #expect(answer.status == 1)
        let object = try #require(try answer.objects().first)
        #expect(try AnswerSchema("policy_check").flaws(in: object) == [])
        #expect(object["verdict"] == "invalid" && object["examples"] == [] && object["policy"] == .null)
        #expect(object["findings"]?.array?.map { $0["line"]?.int } == [4, 7])
        let understood = Self.refused.replacing("fastest", with: "latest")
        let second = try await Program.run(["policy", "check", "--json", "-"], input: Array(understood.utf8))
        #expect(second.status == 1)
        let findings = try second.objects().first?["findings"]?.array ?? []
        #expect(findings.map { $0["line"]?.int } == [4, 6], "a rule behind one that covers it")
        let alone = understood.replacing("variables/total", with: "inputs/total")
        let third = try await Program.run(["policy", "check", "--json", "-"], input: Array(alone.utf8))
        #expect(third.status == 1)
        let never = try third.objects().first?["findings"]?.array?.first
        #expect(never?["line"]?.int == 4 && never?["message"]?.string?.hasPrefix("journey_wins can never be") == true)
    }

    @Test func `files are held against each other, and one that is not there is refused`() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var paths: [String] = []
        for name in ["one", "two"] {
            let path = directory.appendingPathComponent("\(name).yaml").path
            try Data("policy: \(name)\nversion: 1\nworkspace: shop\nrules: []\n".utf8).write(
                to: URL(fileURLWithPath: path))
            paths.append(path)
        }
        let apart = try await Program.run(["policy", "check", "--json", paths[0]])
        #expect(apart.status == 0)
        let answer = try await Program.run(["policy", "check", "--json"] + paths + [directory.path + "/none.yaml"])
        #expect(answer.status == 1)
        let objects = try answer.objects()
        #expect(objects.count == 3 && objects.allSatisfy { $0["verdict"] == "invalid" })
        for object in objects { #expect(try AnswerSchema("policy_check").flaws(in: object) == []) }
        let message = objects[0]["findings"]?[0]?["message"]?.string ?? ""
        #expect(message.hasPrefix("\"one\" and \"two\" are both for workspace shop"), "\(message)")
        #expect(objects[2]["findings"]?[0]?["message"]?.string?.hasPrefix("there is no such file") == true)
    }

    @Test func `for people there is a table of what follows, without characters that move the cursor`() async throws {
        let hostile = "policy: house\nversion: 1\nrules: []\n\"\\e[2J\": 1\n"
        let refused = try await Program.run(["policy", "check", "-"], input: Array(hostile.utf8))
        #expect(refused.status == 1 && !refused.out.contains("\u{1b}") && refused.out.contains("line 4"))
        let path = ProjectFiles.path("Schemas/policies/latest.yaml")
        let answer = try await Program.run(["policy", "check", path])
        #expect(answer.status == 0)
        #expect(answer.out.contains("What latest 1 would do, with Sim and Parlant"))
        #expect(answer.out.contains("workflow is told cancelled") && answer.out.contains("both may differ"))
    }

    @Test func `what is not understood is status 2`() async throws {
        #expect(try await Program.run(["policy", "check"]).status == 2)
        #expect(try await Program.run(["policy", "check", "-", "-"]).status == 2)
        #expect(try await Program.run(["policy", "weigh"]).status == 2)
    }
}
