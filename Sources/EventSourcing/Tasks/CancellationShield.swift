/// Runs work to its end although the task that waits for it is cancelled: a shutdown finishes the write in hand and gives its lease back.
public enum CancellationShield {
    /// Where shielded work runs. A simulation binds its own executor; elsewhere it is `nil`, the default pool. Child tasks inherit an
    /// executor, but the unstructured task that a shield needs does not.
    @TaskLocal public static var executor: (any TaskExecutor)?

    /// Waits for `work`, which does not see a cancellation of the caller.
    public static func run<R: Sendable>(_ work: @escaping @Sendable () async -> R) async -> R {
        await Task(executorPreference: executor) { await work() }.value
    }
}
