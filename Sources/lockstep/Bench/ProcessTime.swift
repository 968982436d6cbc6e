import FoundationEssentials
import PostgresDriver

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Processor seconds used by a program, as the kernel counts them. Only where `/proc` shows the processes of this machine.
enum ProcessTime {
    /// Seconds of this process.
    static var own: Double {
        var usage = rusage()
        // The type of the first argument differs between platforms, its value does not.
        getrusage(.init(0), &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// Seconds of a server and all its processes, those that have ended included; `nil` when it is not on this machine.
    static func server(_ postmaster: Int32?) -> Double? {
        guard let postmaster, let own = Entry(postmaster) else { return nil }
        let children = Entry.all.filter { $0.parent == postmaster }
        return ([own] + children).reduce(0) { $0 + $1.seconds + $1.childrenSeconds }
    }

    /// The PostgreSQL server's first process; `nil` when it is not on this machine.
    static func postmaster(of database: BenchDatabase) async throws -> Int32? {
        try await database.withConnection { connection in
            let backend = try await connection.query("select pg_backend_pid()").int32(0, 0)
            return Entry(backend)?.parent
        }
    }

    /// The process that listens on a port of this machine; `nil` when there is none to be seen.
    static func listener(onPort port: Int) -> Int32? {
        let hexadecimal = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: max(0, 4 - hexadecimal.count)) + hexadecimal
        var inodes: Set<Substring> = []
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            for line in text(table).split(separator: "\n") {
                let fields = line.split(separator: " ", omittingEmptySubsequences: true)
                if fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == "0A" { inodes.insert(fields[9]) }
            }
        }
        return Entry.all.first { entry in
            entry.openFiles.contains { file in inodes.contains { file == "socket:[\($0)]" } }
        }?.pid
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    fileprivate static func text(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }
}

/// One line of the process table.
private struct Entry {
    let pid: Int32
    let parent: Int32
    let seconds: Double
    let childrenSeconds: Double

    init?(_ pid: Int32) {
        // The second field is a name in parentheses that may hold anything; the rest is numbers.
        let stat = ProcessTime.text("/proc/\(pid)/stat")
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 14, let parent = Int32(fields[1]) else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        func time(_ index: Int) -> Double { (Double(fields[index]) ?? 0) / ticks }
        self.pid = pid
        self.parent = parent
        seconds = time(11) + time(12)
        childrenSeconds = time(13) + time(14)
    }

    static var all: [Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap { Entry($0) }
    }

    var openFiles: [String] {
        let folder = "/proc/\(pid)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
    }
}
