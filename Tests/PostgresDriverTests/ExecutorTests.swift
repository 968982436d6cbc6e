import Glibc
import Testing

@testable import PostgresDriver

@Suite("Executor", .enabled(if: TestServer.isThere, "needs LOCKSTEP_DATABASE_URL")) struct ExecutorTests {
    @Test func `a task that prefers the connection's executor never leaves its thread`() async throws {
        try await TestServer.withConnection { connection in
            let home = await connection.thread
            let threads = try await withTaskExecutorPreference(connection.taskExecutor) {
                var threads: Set<UInt> = [currentThread()]
                for _ in 0..<10 {
                    _ = try await connection.query("SELECT 1")
                    threads.insert(currentThread())
                }
                return threads
            }
            #expect(threads == [home])
            #expect(currentThread() != home)
        }
    }

    @Test func `the executor knows its own thread`() async throws {
        let executor = try ConnectionExecutor()
        #expect(executor.isIsolatingCurrentContext() == false)
        let promise = Promise<Bool?>()
        executor.perform { promise.settle(.success(executor.isIsolatingCurrentContext())) }
        #expect(try await promise.value() == true)
        try await TestServer.withConnection { connection in
            #expect(await connection.assumesIsolation())
        }
    }

    @Test func `a thread ends with its executor`() async throws {
        final class Mark: Sendable {}
        weak var mark: Mark?
        do {
            let executor = try ConnectionExecutor()
            let strong = Mark()
            mark = strong
            let promise = Promise<Void>()
            executor.perform { withExtendedLifetime(strong) { _ = promise.settle(.success(())) } }
            try await promise.value()
        }
        while mark != nil { await Task.yield() }
        #expect(mark == nil)
    }
}

extension PostgresConnection {
    fileprivate var thread: UInt { currentThread() }
    fileprivate func assumesIsolation() -> Bool { assumeIsolated { _ in true } }
}

private func currentThread() -> UInt { UInt(pthread_self()) }
