import EventModel
import Testing

/// Imports something called `refund`, and exports what it was imported from.
struct OriginalExport {
    /// `workflow` or `journey`.
    let kind: String

    @discardableResult
    func imported(
        _ bytes: [UInt8], in environment: [String: String], outcome: String
    ) async throws -> JSONValue {
        let answer = try await Program.run(
            ["import", kind, "-", "--id", "refund", "--json"], input: bytes, environment: environment)
        let object = try #require(try answer.objects().first, "\(answer.err)")
        #expect(object["outcome"]?.string == outcome, "\(answer.out)\(answer.err)")
        return object
    }

    func export(_ words: [String], in environment: [String: String]) async throws -> Program.Outcome {
        try await Program.run(["export", kind, "refund", "--original"] + words, environment: environment)
    }

    /// A file as nobody would write it anew: white space, an order of its own, no line break at its end.
    static func odd(_ text: String, padding: Int) -> [UInt8] {
        Array("\n  \(text)\t\r\n \(String(repeating: " ", count: padding))".utf8)
    }

    /// A journey in our own form that asks for one thing.
    static func journey(_ action: String) -> String {
        """
        {"title":"Refund","description":"d","conditions":["wants a refund"],"labels":[],"tags":[],"priority":0,
        "root_id":"r","nodes":{"r":{"id":"r"},"a":{"id":"a","kind":"chat","action":"\(action)"}},
        "edges":[{"id":"t1","source":"r","target":"a"},{"id":"t2","source":"a","target":"end"}]}
        """
    }
}
