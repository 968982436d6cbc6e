import Foundation

/// Compares two folders of event schemas, `Schemas/events` as it was released and as it is, for `tools/schema-check`.
@main
enum SchemaChecking {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard let released = arguments.first, let current = arguments.last, arguments.count == 2 else {
            say("usage: SchemaChecking RELEASED CURRENT, two folders of event schemas")
            exit(2)
        }
        do {
            let comparison = TreeComparison(
                released: try SchemaTree(folder: released), current: try SchemaTree(folder: current))
            let objections = comparison.objections()
            for objection in objections { say("\(objection)") }
            exit(objections.isEmpty ? 0 : 1)
        } catch {
            say("a folder of schemas cannot be read: \(error.localizedDescription)")
            exit(2)
        }
    }

    private static func say(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}
