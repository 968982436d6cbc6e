import EventModel
import EventSourcing

// MARK: Survey

extension FollowingMachine {
    mutating func take(_ survey: ConversationSurvey, _ took: Duration, at now: Duration) {
        if isAway { notices.append(.back) }
        isAway = false
        backoff.reset()
        surveyPause = max(limits.surveyPause, took * limits.pauseFactor)
        phase = .working
        marks = survey.marks
        parked = parked.filter { marks[$0.key] != nil }
        remarks = remarks.filter { marks[$0.key] != nil }
        takeMissing(survey.life)
        calls =
            marks.sorted { $0.key < $1.key }.filter { isNews($0.key, $0.value, at: now) }.map { id, _ in
                call(id)
            }[...]
    }

    private func isNews(_ conversation: String, _ mark: String, at now: Duration) -> Bool {
        if let parking = parked[conversation], parking.until > now { return false }
        return bookmarks[conversation]?.last != ConversationBookmark.fingerprint(ofMark: mark)
    }

    /// The last event that was taken in is asked for again: it tells whether what was read still stands.
    private func call(_ conversation: String) -> Call {
        Call(conversation: conversation, from: max(0, Int(bookmarks[conversation]?.next ?? 0) - 1))
    }

    /// In the same life of the server a conversation that is missing was deleted. In another one it may have been lost with the server's
    /// memory; that it is lost is remembered before the new life is, so that it never passes for deleted.
    private mutating func takeMissing(_ newLife: String) {
        let known = ConversationBookmark.life(newLife)
        let missing = bookmarks.filter { marks[$0.key] == nil && !$0.value.isGone }.keys.sorted()
        guard life?.last != known.last else {
            deletions = missing[...]
            return
        }
        moves =
            missing.map { conversation in
                let bookmark = bookmarks[conversation]
                return ConversationMove(
                    conversation, from: bookmark,
                    to: (bookmark ?? ConversationBookmark.beginning).marked(ConversationBookmark.lost))
            } + [ConversationMove(ConversationBookmark.lifeKey, from: life, to: known)]
        if life != nil { notices.append(.anotherLife(missing: missing.count)) }
    }
}

// MARK: Looks

extension FollowingMachine {
    mutating func take(_ answers: [String: LookAnswer], at now: Duration) {
        let asked = calls.prefix(limits.conversations)
        calls = calls.dropFirst(asked.count)
        for call in asked {
            switch answers[call.conversation] {
            case .seen(let look): take(look, of: call)
            case .gone, nil: break
            case .refused(let reason): park(call.conversation, at: call.from, reason, now)
            case .away(let reason): awayReason = reason
            }
        }
    }

    private mutating func take(_ look: ConversationLook, of call: Call) {
        guard let mark = marks[call.conversation] else { return }
        let bookmark = bookmarks[call.conversation]
        // Without the last event that was taken in, what is known of the conversation has to be compared from its beginning.
        let hasOverlap = bookmark.map { $0.next > 0 && Int64(call.from) == $0.next - 1 } ?? false
        let isOverlapping = hasOverlap && overlaps(look, bookmark)
        if hasOverlap, !isOverlapping {
            notices.append(.rewound(conversation: call.conversation))
            guard call.from == 0 else {
                calls.insert(Call(conversation: call.conversation, from: 0), at: calls.startIndex)
                return
            }
        }
        inHand.append(
            ConversationInHand(
                call.conversation, under: mark, look, at: bookmark, isOverlapping: isOverlapping, limits: limits))
    }

    private func overlaps(_ look: ConversationLook, _ bookmark: InboundBookmark?) -> Bool {
        guard let bookmark, let first = look.events.first else { return false }
        return Int64(first.offset) == bookmark.next - 1
            && ConversationBookmark.generation(of: first) == bookmark.generation
    }

    private mutating func park(_ conversation: String, at offset: Int, _ reason: String, _ now: Duration) {
        if parked[conversation]?.reason != reason {
            notices.append(.parked(conversation: conversation, offset: offset, reason: reason))
        }
        parked[conversation] = Parking(until: now + limits.parkingTime, reason: reason)
    }
}

// MARK: Settling

extension FollowingMachine {
    mutating func settle(
        _ reports: [(report: ConversationReport, rejection: InboundRejection?)], at now: Duration
    ) {
        var refused: [String: InboundRejection] = [:]
        for (report, rejection) in reports {
            switch report.subject {
            case .description:
                if let rejection { remark(report.conversation, rejection.reason) }
            case .events: refused[report.conversation] = rejection
            case .deletion: bury(report.conversation, rejection)
            }
        }
        deletions = deletions.dropFirst(reports.count { $0.report.subject == .deletion })
        inHand = inHand.compactMap { hand in
            guard let rejection = refused[hand.conversation] else { return hand }
            var hand = hand
            if hand.divide() { return hand }
            park(hand.conversation, at: hand.piece.first?.offset ?? hand.coveredFrom, rejection.reason, now)
            return nil
        }
        moves += inHand.filter { refused[$0.conversation] == nil && wasReported($0, in: reports) }.map(\.move)
    }

    private func wasReported(
        _ hand: ConversationInHand, in reports: [(report: ConversationReport, rejection: InboundRejection?)]
    ) -> Bool {
        reports.contains { $0.report.conversation == hand.conversation && $0.report.subject == .events }
    }

    private mutating func remark(_ conversation: String, _ reason: String) {
        if remarks[conversation] != reason { notices.append(.unfit(conversation: conversation, reason: reason)) }
        remarks[conversation] = reason
    }

    private mutating func bury(_ conversation: String, _ rejection: InboundRejection?) {
        if let rejection {
            remark(conversation, rejection.reason)
        } else {
            notices.append(.deleted(conversation: conversation))
        }
        guard let bookmark = bookmarks[conversation] else { return }
        moves.append(
            ConversationMove(conversation, from: bookmark, to: bookmark.marked(ConversationBookmark.deleted)))
    }

    mutating func advance() {
        for move in moving {
            if move.conversation == ConversationBookmark.lifeKey {
                life = move.to
            } else {
                bookmarks[move.conversation] = move.to
            }
        }
        let moved = Set(moving.map(\.conversation))
        moving = []
        inHand = inHand.compactMap { hand in
            guard moved.contains(hand.conversation) else { return hand }
            var hand = hand
            parked[hand.conversation] = nil
            return hand.advance() ? nil : hand
        }
    }
}
