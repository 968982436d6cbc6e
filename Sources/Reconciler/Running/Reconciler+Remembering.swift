import EventModel
import EventSourcing
import Synchronization

/// What is written down beside the log: what looks have come to, and how far the lanes were attended to.
extension Reconciler {
    /// Writes notes in batches and moves checkpoints, again and again. Losing either costs looks.
    func remember() async throws {
        guard memory != nil else { return try await waitForEnd() }
        var savedAt = time.steady()
        while !Task.isCancelled {
            try await time.sleep(for: limits.noteInterval)
            do throws(StoreError) {
                guard time.steady() - savedAt >= limits.saveInterval else {
                    try await writeNotes()
                    continue
                }
                savedAt = time.steady()
                try await save()
            } catch {
                if case .cancelled = error { throw CancellationError() }
                guard error.isTransient else { throw error }
                logger.warning("what was looked at cannot be noted", metadata: ["reason": "\(error)"])
                try await time.sleep(for: limits.retryPause)
            }
        }
    }

    /// At the end, whatever can be written.
    func rememberAll() async {
        guard memory != nil else { return }
        do throws(StoreError) { try await save() } catch {
            logger.warning("what was looked at cannot be noted", metadata: ["reason": "\(error)"])
        }
    }

    private func writeNotes() async throws(StoreError) {
        guard let memory else { return }
        while true {
            let taken = notes.withLock { $0.take(atMost: limits.notesTogether) }
            guard !taken.isEmpty else { return }
            let leased = books.withLock { books in
                taken.compactMap { note in
                    books.lease(of: note.key).map { LeasedNote(note, lane: $0.lane, under: $0.lease) }
                }
            }
            do throws(StoreError) {
                let written = try await memory.comparisons.note(leased)
                record.withLock { $0.notes += Int64(written) }
            } catch {
                notes.withLock { $0.putBack(taken) }
                throw error
            }
        }
    }

    /// Moves the checkpoints over what was looked at and is noted. What a look finds in the meantime may be past a checkpoint only with its note: so the
    /// checkpoints come first, and are stored behind every note that was there by then.
    private func save() async throws(StoreError) {
        guard let memory else { return }
        let isLive = isLive.withLock { $0 }
        let moves = books.withLock { $0.moves(isLive: isLive) }
        try await writeNotes()
        for move in moves {
            switch try await memory.progress.advance(move.progress, from: move.previous, under: move.lease) {
            case .advanced: books.withLock { $0.confirm(move) }
            case .fenced, .moved:
                books.withLock { $0.lose(move) }
                keeper.lose(move.lane)
            }
        }
    }
}
