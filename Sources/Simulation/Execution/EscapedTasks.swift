#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Catches unstructured tasks of the production code.
///
/// `Task { … }` does not inherit an executor, so such a task would run on the machine's own threads, in an order that no seed decides.
/// The runtime offers a hook through which every job for those threads passes; jobs that come from the thread of a running simulation
/// are handed to its scheduler, all others go their usual way.
enum EscapedTasks {
    // Swift's own calling convention: this is how the runtime calls the hook.
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    /// The scheduler that runs on this thread, if one does.
    private static let current: pthread_key_t = {
        var key = pthread_key_t()
        precondition(pthread_key_create(&key, nil) == 0, "a thread-local key for the running simulation")
        return key
    }()

    /// Whether the hook is in place; installed once, by whoever asks first.
    private static let isInstalled: Bool = {
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook") else { return false }
        let hook: Hook = { job, original in
            guard let scheduler = EscapedTasks.scheduler else { return original(job) }
            scheduler.enqueue(job, of: nil)
        }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = hook
        return true
    }()

    private static var scheduler: SimulationScheduler? {
        guard let pointer = pthread_getspecific(current) else { return nil }
        return Unmanaged<SimulationScheduler>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Runs `body` with every job that this thread sends to the machine's threads going to `scheduler` instead.
    static func route<R>(to scheduler: SimulationScheduler, _ body: () -> R) -> R {
        precondition(isInstalled, "the concurrency runtime offers no hook; a simulation would not be deterministic")
        let outer = pthread_getspecific(current)
        pthread_setspecific(current, Unmanaged.passUnretained(scheduler).toOpaque())
        defer { pthread_setspecific(current, outer) }
        return withExtendedLifetime(scheduler) { body() }
    }
}
