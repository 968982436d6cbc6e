import Dispatch

/// Waiting for a state of the world outside, with a limit.
enum Patience {
    /// The state did not come about in time.
    struct Exhausted: Error, CustomStringConvertible {
        let description: String
    }

    private static let interval = DispatchTimeInterval.milliseconds(25)

    /// Looks until `holds`. A look that fails, because a server is away, is a look that found nothing.
    static func until(
        _ what: String, within limit: Duration = .seconds(240), _ holds: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        var trouble: (any Error)?
        while true {
            do {
                if try await holds() { return }
                trouble = nil
            } catch { trouble = error }
            guard ContinuousClock.now < end else {
                throw Exhausted(
                    description: "not within \(limit): \(what)"
                        + (trouble.map { "; the last look failed: \($0)" } ?? ""))
            }
            try Task.checkCancellation()
            await breathe()
        }
    }

    /// Lets the processes that are being watched have the processor between two looks.
    static func breathe() async {
        await withCheckedContinuation { waiting in
            DispatchQueue.global().asyncAfter(deadline: .now() + interval) { waiting.resume() }
        }
    }
}
