import Foundation

/// The children of a process, as `ps` knows them everywhere.
enum ProcessTree {
    static func children(of parent: Int32) async throws -> [Int32] {
        let output = Child.pipe()
        let child = try Child("/bin/ps", ["-A", "-o", "pid=,ppid="], environment: [:], output: .pipe(output))
        var lines = OutputLines(output.fileHandleForReading)
        var children: [Int32] = []
        while let line = await lines.next() {
            let numbers = line.split(separator: " ").compactMap { Int32($0) }
            if numbers.count == 2, numbers[1] == parent { children.append(numbers[0]) }
        }
        _ = await child.ended()
        return children
    }
}
