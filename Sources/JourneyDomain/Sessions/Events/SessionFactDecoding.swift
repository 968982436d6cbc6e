import EventModel

extension SessionFact {
    /// Reads the data of a fact back.
    init(_ payload: PayloadReader, kind: Kind) throws(EventFlaw) {
        switch kind {
        case .described: self = .described(try SessionDescription(payload))
        case .bound: self = .bound(try SessionBinding(payload))
        case .messagePosted, .toolCalled, .inputCollected, .customPosted, .statusReported, .eventReported:
            self = .reported(try ReportedEvent(payload, kind: kind))
        case .eventAmended:
            self = .amended(
                EventAmendment(
                    event: try payload.text("event"), metadata: try payload.value("metadata"),
                    subject: try payload.text("subject")))
        case .pathsReported: self = .pathsReported(try PathReport(payload))
        case .journeyRenumbered: self = .renumbered(try JourneyNumbering(payload))
        case .turnCompleted, .turnFailed, .turnCancelled: self = try Self.turn(payload, kind: kind)
        case .stateEntered, .stateLeft: self = try Self.move(payload, kind: kind)
        case .rewound:
            self = .rewound(try SessionRewind(payload))
        case .modeChanged:
            self = .modeChanged(
                SessionModeChange(mode: SessionMode(try payload.text("mode")), at: try payload.moment("at")))
        case .closed:
            self = .closed(SessionClosing(reason: try payload.choice("reason"), at: try payload.moment("at")))
        }
    }

    private static func turn(_ payload: PayloadReader, kind: Kind) throws(EventFlaw) -> SessionFact {
        let turn = try payload.text("turn")
        let offset = try payload.int("offset")
        let event = try payload.text("event")
        let corrected = payload.has("corrected") ? try payload.choice("corrected", as: TurnEnding.self) : nil
        if kind == .turnCancelled {
            return .turnCancelled(TurnCancelled(turn: turn, offset: offset, event: event, corrected: corrected))
        }
        if kind == .turnFailed {
            let error = try payload.text("error")
            return .turnFailed(
                TurnFailed(turn: turn, offset: offset, event: event, error: error, corrected: corrected))
        }
        let positions = try StatePosition.read(payload, "positions")
        return .turnCompleted(
            TurnCompleted(turn: turn, offset: offset, event: event, positions: positions, corrected: corrected))
    }

    private static func move(_ payload: PayloadReader, kind: Kind) throws(EventFlaw) -> SessionFact {
        let journey = try payload.text("journey")
        let state = ElementID(try payload.text("state"))
        let turn = try payload.optionalText("turn")
        let cause = try payload.choice("cause", as: MoveCause.self)
        guard kind == .stateLeft else {
            return .stateEntered(StateEntered(journey: journey, state: state, turn: turn, cause: cause))
        }
        let next = try payload.optionalText("next").map { ElementID($0) }
        return .stateLeft(StateLeft(journey: journey, state: state, next: next, turn: turn, cause: cause))
    }
}

extension StatePosition {
    static func read(_ payload: PayloadReader, _ key: String) throws(EventFlaw) -> [StatePosition] {
        var positions: [StatePosition] = []
        for element in try payload.elements(key) {
            let state = try element.optionalText("state").map { ElementID($0) }
            positions.append(StatePosition(journey: try element.text("journey"), state: state))
        }
        return positions
    }
}

extension SessionRewind {
    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        let reader = try payload.nested("gone")
        var gone: [TurnEnding: Int] = [:]
        for ending in TurnEnding.allCases { gone[ending] = try reader.int(ending.rawValue) }
        self.init(
            from: try payload.int("from"), before: try payload.int("before"), at: try payload.moment("at"),
            turns: try payload.texts("turns"), gone: gone)
    }
}

extension SessionDescription {
    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            engine: try payload.text("engine"), session: try payload.text("session"),
            agent: try payload.optionalText("agent"), customer: try payload.optionalText("customer"),
            mode: try payload.optionalText("mode").map { SessionMode($0) },
            createdAt: try payload.optionalText("createdAt"), labels: try payload.texts("labels"),
            title: payload.optionalValue("title"), metadata: payload.optionalValue("metadata"),
            rest: payload.optionalValue("rest"), observedAt: try payload.moment("observedAt"),
            subject: try payload.text("subject"))
    }
}

extension SessionBinding {
    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        let mapping = try payload.optionalNested("mapping")
        let history = try payload.optionalNested("history")
        self.init(
            execution: try payload.text("execution"), engine: try payload.text("engine"),
            session: try payload.text("session"), journeys: try payload.texts("journeys"),
            mapping: try mapping.map { reader throws(EventFlaw) in
                MappingReference(id: try reader.text("id"), version: try reader.int("version"))
            },
            history: try history.map { reader throws(EventFlaw) in try SessionHistory(reader) },
            subject: try payload.text("subject"))
    }
}

extension SessionHistory {
    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            positions: try StatePosition.read(payload, "positions"),
            mode: try payload.optionalText("mode").map { SessionMode($0) }, messages: try payload.int("messages"),
            turnsCompleted: try payload.int("turnsCompleted"), turnsFailed: try payload.int("turnsFailed"),
            turnsCancelled: try payload.optionalInt("turnsCancelled"),
            lastOffset: try payload.optionalInt("lastOffset"), askedOffset: try payload.optionalInt("askedOffset"),
            answeredOffset: try payload.optionalInt("answeredOffset"))
    }
}

extension PathReport {
    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        var added: [AgentPaths] = []
        for element in try payload.elements("added") {
            var paths: [JourneyPath] = []
            for path in try element.elements("paths") {
                let states = try path.optionalTexts("states").map { $0.map { ElementID($0) } }
                paths.append(
                    JourneyPath(
                        journey: try path.text("journey"), indexes: try path.optionalTexts("indexes"),
                        states: states))
            }
            added.append(AgentPaths(turn: try element.text("turn"), paths: paths))
        }
        self.init(observedAt: try payload.moment("observedAt"), kept: try payload.int("kept"), added: added)
    }
}

extension JourneyNumbering {
    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        let reader = try payload.nested("states")
        var states: [String: ElementID] = [:]
        for index in reader.value.object?.keys ?? [] { states[index] = ElementID(try reader.text(index)) }
        self.init(journey: try payload.text("journey"), since: try payload.moment("since"), states: states)
    }
}
