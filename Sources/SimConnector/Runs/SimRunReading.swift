import EventModel
import WorkflowDomain

/// Reads the members of what Sim says about a run; what has another form than it must have is refused, not guessed at.
struct SimReading {
    let object: JSONObject
    let what: String

    init(_ value: JSONValue?, _ what: String) throws(SimError) {
        guard let object = value?.object else { throw .malformed(what: "\(what) is no object") }
        self.object = object
        self.what = what
    }

    private func flaw(_ key: String, _ wanted: String) -> SimError {
        .malformed(what: "\(key) of \(what) is no \(wanted)")
    }

    /// The member `key`; `nil` when it is missing or `null`.
    func value(_ key: String) -> JSONValue? { object[key].flatMap { $0.isNull ? nil : $0 } }

    func text(_ key: String, limit: Int = ExecutionLimits.wordBytes) throws(SimError) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string, text.utf8.count <= limit else {
            throw flaw(key, "text of at most \(limit) bytes")
        }
        return text
    }

    func required(_ key: String) throws(SimError) -> String {
        guard let text = try text(key), !text.isEmpty else { throw flaw(key, "text") }
        return text
    }

    func time(_ key: String) throws(SimError) -> Timestamp? {
        guard let text = try text(key), !text.isEmpty else { return nil }
        guard let time = Timestamp(rfc3339: text) else { throw flaw(key, "time") }
        return time
    }

    func count(_ key: String) throws(SimError) -> Int? {
        guard let value = value(key) else { return nil }
        guard let number = value.int, (0...ExecutionLimits.ordinal).contains(number) else {
            throw flaw(key, "number from 0 to \(ExecutionLimits.ordinal)")
        }
        return number
    }

    /// The beginning of what Sim says in words.
    func words(_ key: String) throws(SimError) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string else { throw flaw(key, "text") }
        return String(text.prefix(SimLimits.detailCharacters))
    }
}

extension SimRunState {
    /// - Parameter run: the run that was asked for; another one is refused.
    init(_ value: JSONValue?, run: String? = nil, workflow: String) throws(SimError) {
        let reading = try SimReading(value, "the run")
        self.run = try reading.required("runId")
        self.workflow = try reading.text("workflowId") ?? workflow
        guard run == nil || run == self.run, self.workflow == workflow else {
            throw .malformed(what: "it is about another run than was asked for")
        }
        let word = try reading.required("status")
        guard let status = SimRunStatus(rawValue: word) else {
            throw .malformed(what: "the status \"\(word.prefix(60))\" is not known")
        }
        self.status = status
        trigger = try reading.text("trigger")
        startedAt = try reading.time("startedAt")
        endedAt = try reading.time("endedAt")
        pause = if let paused = reading.value("paused") { try SimPause(paused) } else { nil }
        error = if let error = reading.value("error") { try SimRunFailure(error) } else { nil }
    }
}

extension SimPause {
    fileprivate init(_ value: JSONValue) throws(SimError) {
        let reading = try SimReading(value, "the pause")
        context = try reading.text("contextId", limit: SimLimits.contextBytes)
        pausedAt = try reading.time("pausedAt")
        resumeAt = try reading.time("resumeAt")
        let word = try reading.text("pauseKind")
        kind = word.flatMap(WaitKind.init)
        if let word, kind == nil { throw .malformed(what: "the kind of pause \"\(word.prefix(60))\" is not known") }
        blockedOn = try reading.text("blockedOnBlockId")
        stuckBecause = try reading.words("automaticResumeWaitingReason")
        points = try reading.count("pausePointCount")
        resumed = try reading.count("resumedCount")
    }
}

extension SimRunFailure {
    init(_ value: JSONValue) throws(SimError) {
        if let text = value.string {
            code = nil
            message = String(text.prefix(SimLimits.detailCharacters))
            return
        }
        let reading = try SimReading(value, "the error")
        code = try reading.text("code")
        message = try reading.words("message") ?? ""
    }
}
