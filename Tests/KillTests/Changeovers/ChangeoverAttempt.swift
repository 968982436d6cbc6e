import Foundation

/// One run of a verb that changes what readers see.
struct ChangeoverAttempt: Sendable {
    private let child: Child
    private let output: Pipe
    private let errors: Pipe

    init(_ arguments: [String], environment: [String: String]) throws {
        (output, errors) = (Child.pipe(), Child.pipe())
        child = try Child(
            Program.path, arguments, environment: environment, output: .pipe(output), errors: .pipe(errors))
    }

    var hasEnded: Bool { child.hasEnded }

    func signal(_ number: Int32) { child.signal(number) }

    /// How it ended, and what it said about that.
    func outcome() async -> Outcome {
        async let said = Self.text(of: output)
        async let complaints = Self.text(of: errors)
        return await Outcome(status: child.ended(), output: said, errors: complaints)
    }

    private static func text(of pipe: Pipe) async -> String {
        var lines = OutputLines(pipe.fileHandleForReading)
        var text: [String] = []
        while let line = await lines.next() { text.append(line) }
        return text.joined(separator: " ")
    }

    struct Outcome: Hashable, Sendable, CustomStringConvertible {
        let status: Int32
        let output: String
        let errors: String

        var description: String {
            status == 0 ? "status 0" : "status \(status), \(errors.isEmpty ? String(output.prefix(2_000)) : errors)"
        }

        /// Whether it may be tried again: another one runs, or this one was overtaken by it.
        var isOvertaken: Bool {
            status == 1 && (errors.contains("is running") || errors.contains("was overtaken"))
        }
    }
}
