import Projector
import Synchronization

/// How far the rebuilds of one pass are, in one line: that of the projection that is furthest behind, which sets the pace.
final class RebuildDisplays: Sendable {
    /// Who has said nothing for so long has ended, or waits for something else than the log.
    private static let patience = Duration.seconds(10)
    private let displays: [String: RebuildDisplay]
    private let latest = Mutex<[String: (progress: RebuildProgress, at: ContinuousClock.Instant)]>([:])

    init(_ names: [String], isShown: Bool) {
        let displays = names.map { ($0, RebuildDisplay($0, isShown: isShown)) }
        self.displays = Dictionary(displays, uniquingKeysWith: { first, _ in first })
    }

    /// Takes note of a progress, and shows it if no other projection is further behind.
    func show(_ name: String, _ progress: RebuildProgress) {
        let now = ContinuousClock.now
        let isSlowest = latest.withLock { latest in
            latest[name] = (progress, now)
            return latest.values.allSatisfy { $0.progress.position >= progress.position || now - $0.at > Self.patience }
        }
        displays[name]?.show(progress, isLine: isSlowest)
    }

    /// What was told last of a projection.
    func last(of name: String) -> RebuildProgress? { displays[name]?.last }

    /// Makes room for the answers.
    func clear() { displays.values.first?.clear() }
}
