import EventModel
import EventSourcingTesting
import Foundation
import Testing

@Suite("subject.erased") struct SubjectEventTests {
    private static let directory = ProjectFiles.eventSchemas(of: "subject")

    private func file(_ name: String) throws -> JSONValue {
        try JSONValue(try ProjectFiles.bytes("\(Self.directory)/\(name)"))
    }

    @Test func `the sample is read and written again to the same bytes`() throws {
        let sample = try file("erased.v1.sample.json")
        let type = try EventType("subject.erased")
        let event = try SubjectEvent(decoding: sample.canonicalBytes(), type: type, schemaVersion: 1)
        #expect(event.encoded() == sample.canonicalBytes())
        #expect(event.type == type && event.schemaVersion == 1)
        guard case .erased(let erased) = event else {
            Issue.record("it is another event")
            return
        }
        #expect(erased.subject.text == "customer:17" && erased.keys == [1] && erased.receipt?.streams == 2)
    }

    @Test func `the record in another stream has no receipt`() throws {
        var sample = try #require(try file("erased.v1.sample.json").object)
        sample["receipt"] = nil
        let value = JSONValue.object(sample)
        let event = try SubjectEvent(
            decoding: value.canonicalBytes(), type: SubjectEvent.erasedType, schemaVersion: 1)
        guard case .erased(let erased) = event else {
            Issue.record("it is another event")
            return
        }
        #expect(erased.receipt == nil && event.encoded() == value.canonicalBytes())
    }

    @Test func `the schema lists exactly what is written, and marks nothing`() throws {
        let schema = try file("erased.v1.json")
        let sample = try file("erased.v1.sample.json")
        let properties = try #require(schema["properties"]?.object)
        #expect(Set(properties.keys) == Set(sample.object?.keys ?? []))
        #expect(
            Set(schema["properties"]?["receipt"]?["properties"]?.object?.keys ?? [])
                == Set(sample["receipt"]?.object?.keys ?? []))
        #expect(!properties.members.contains { $0.value["x-personal"] != nil } && SubjectEvent.personalMarks.isEmpty)
    }

    @Test func `other types, versions and shapes are refused`() throws {
        let sample = try file("erased.v1.sample.json")
        #expect(throws: EventFlaw.self) {
            try SubjectEvent(decoding: sample.canonicalBytes(), type: EventType("subject.restored"), schemaVersion: 1)
        }
        #expect(throws: EventFlaw.self) {
            try SubjectEvent(decoding: sample.canonicalBytes(), type: SubjectEvent.erasedType, schemaVersion: 2)
        }
        for key in ["erasure", "subject", "keys", "through", "events", "values", "bytes"] {
            for wrong: JSONValue in [true, "x\u{1}", ["x"]] where !(key == "subject" && wrong == "x") {
                var object = try #require(sample.object)
                object[key] = wrong
                #expect(throws: EventFlaw.self, "\(key)") {
                    try SubjectEvent(
                        decoding: JSONValue.object(object).canonicalBytes(), type: SubjectEvent.erasedType,
                        schemaVersion: 1)
                }
            }
        }
    }

    @Test func `a fold that keeps sealed values shows what an erasure took away, and only that`() throws {
        let erased = SubjectErased(
            erasure: SealedWorld.event, subject: try DataSubject("customer:7"), keys: [1, 3], through: .start,
            extent: .init(), receipt: nil)
        func sealed(_ subject: String, _ key: String) -> JSONValue {
            SealedValue(subject: subject, key: key, ciphertext: "AAAA").value
        }
        let gone = SealedValue.erased(subject: "customer:7")
        let before: JSONValue = [
            "a": sealed("customer:7", "1"), "b": [sealed("customer:7", "3"), sealed("customer:7", "2")],
            "c": ["d": sealed("customer:8", "1"), "e": 1],
        ]
        let after: JSONValue = [
            "a": gone, "b": [gone, sealed("customer:7", "2")], "c": ["d": sealed("customer:8", "1"), "e": 1],
        ]
        #expect(erased.applied(to: before) == after && erased.applied(to: after) == after)
    }
}
