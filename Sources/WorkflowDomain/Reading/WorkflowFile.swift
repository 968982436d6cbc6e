import EventModel

/// Reads a file that holds one workflow, in any of the formats of ``WorkflowFormat``.
public enum WorkflowFile {
    /// Reads `bytes`.
    ///
    /// - Parameters:
    ///   - name: the file's name, with or without directories; only its base name is used, and only when nothing else
    ///     names the workflow.
    ///   - chosenID: the id that the caller wants; see ``WorkflowID``.
    ///   - knownTypesOnly: whether a block type that Sim v0.8.9 does not know is a problem rather than a warning.
    /// - Throws: ``WorkflowFormatError``; structural problems all at once.
    public static func read(
        _ bytes: [UInt8], name: String, chosenID: String? = nil, knownTypesOnly: Bool = false
    ) throws(WorkflowFormatError) -> WorkflowReading {
        guard bytes.count <= WorkflowLimits.fileBytes else {
            throw .fileTooLarge(bytes: bytes.count, limit: WorkflowLimits.fileBytes)
        }
        let value = try parse(bytes)
        let (format, frame) = try WorkflowDetection.detect(value)
        var findings = Findings()
        let definition = assemble(frame, format, findings: &findings, knownTypesOnly: knownTypesOnly)
        let identity = Identification.identify(
            chosen: chosenID, frame: frame, definition: definition, fileName: name, findings: &findings)
        guard findings.problems.isEmpty, let (id, origin) = identity else {
            throw .problems(findings.problems, format: format)
        }
        let stored = definition.storedBytes
        guard stored <= WorkflowLimits.definitionBytes else {
            throw .definitionTooLarge(bytes: stored, limit: WorkflowLimits.definitionBytes)
        }
        return WorkflowReading(
            definition: definition, format: format, id: id, idOrigin: origin, sourceName: baseName(of: name),
            digest: definition.digest, warnings: findings.warnings, original: bytes)
    }

    /// Reads `bytes` as far as they can be read, to say everything that is wrong with them at once: also what can only be said of the workflow as a
    /// whole.
    ///
    /// - Throws: ``WorkflowFormatError`` when nothing can be said of a workflow: the format is not recognised, or there are too many elements.
    public static func inspect(_ bytes: [UInt8], name: String) throws(WorkflowFormatError) -> WorkflowInspection {
        guard bytes.count <= WorkflowLimits.fileBytes else {
            throw .fileTooLarge(bytes: bytes.count, limit: WorkflowLimits.fileBytes)
        }
        let (format, frame) = try WorkflowDetection.detect(try parse(bytes))
        var findings = Findings()
        let definition = assemble(frame, format, findings: &findings, knownTypesOnly: false)
        _ = Identification.identify(
            chosen: nil, frame: frame, definition: definition, fileName: name, findings: &findings)
        let isTooLarge = findings.problems.contains { if case .tooMany = $0.kind { true } else { false } }
        guard !isTooLarge else { throw .problems(findings.problems, format: format) }
        return WorkflowInspection(
            definition: definition, format: format, problems: findings.problems, warnings: findings.warnings,
            isWhole: !findings.problems.contains(where: \.losesElement))
    }

    /// Reads what was written just now: the definition and the format, whatever its id and size.
    static func reread(
        _ bytes: [UInt8]
    ) throws(WorkflowFormatError) -> (definition: WorkflowDefinition, format: WorkflowFormat) {
        let (format, frame) = try WorkflowDetection.detect(try parse(bytes))
        var findings = Findings()
        let definition = assemble(frame, format, findings: &findings, knownTypesOnly: false)
        guard findings.problems.isEmpty else { throw .problems(findings.problems, format: format) }
        return (definition, format)
    }

    private static func assemble(
        _ frame: WorkflowFrame, _ format: WorkflowFormat, findings: inout Findings, knownTypesOnly: Bool
    ) -> WorkflowDefinition {
        var draft = frame.draft(of: format, findings: &findings)
        if let name = frame.name { draft.metadata["name"] = draft.metadata["name"] ?? .string(name) }
        return Assembly.assemble(draft, findings: &findings, knownTypesOnly: knownTypesOnly)
    }

    /// The file's value: JSON if it begins like JSON, else YAML.
    private static func parse(_ bytes: [UInt8]) throws(WorkflowFormatError) -> JSONValue {
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
            throw .archive
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        guard let first = text.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else { throw .empty }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return try yaml(text) }
        do throws(JSONFlaw) {
            return try JSONValue(text, limits: .file)
        } catch {
            throw .json(error)
        }
    }

    private static func yaml(_ text: [UInt8]) throws(WorkflowFormatError) -> JSONValue {
        do throws(YAMLFlaw) { return try YAMLText.value(of: text) } catch {
            switch error {
            case .empty: throw .empty
            case .tooLarge(let bytes, let limit): throw .fileTooLarge(bytes: bytes, limit: limit)
            case .malformed(let line, let column, let message):
                throw .yaml(line: line, column: column, message: message)
            }
        }
    }

    static func baseName(of path: String) -> String {
        path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? ""
    }
}

/// What can be read of a file, and what keeps the rest from being read.
public struct WorkflowInspection: Sendable, Equatable {
    /// The elements that can be read.
    public let definition: WorkflowDefinition
    /// The format it came in.
    public let format: WorkflowFormat
    /// What keeps the file from being read; at most ``WorkflowLimits/findings``.
    public let problems: [WorkflowProblem]
    /// What is conspicuous; at most ``WorkflowLimits/findings``.
    public let warnings: [WorkflowWarning]
    /// Whether every element could be read, if only in part. Otherwise what others refer to may be among those that are not here.
    public let isWhole: Bool
}

extension WorkflowProblem {
    /// Whether the problem may be that an element, or all of them, could not be read at all.
    fileprivate var losesElement: Bool {
        switch kind {
        case .missing, .emptyText, .noBlocks, .missingMetadata: true
        // A wrong value of a member is left out; a wrong value in the place of an element leaves out the element.
        case .wrongType(let wanted, _): wanted == "an object" || wanted == "an array" || path.steps.last == .key("type")
        case .idMismatch, .duplicateID, .containerCycle, .containersTooDeep, .tooMany, .idTooLong, .illegalWorkflowID,
            .unknownType, .malformedType:
            false
        }
    }
}

/// A workflow read from a file.
public struct WorkflowReading: Sendable, Equatable {
    /// The workflow.
    public let definition: WorkflowDefinition
    /// The format it came in.
    public let format: WorkflowFormat
    /// Its id in our log.
    public let id: WorkflowID
    /// Where the id came from.
    public let idOrigin: WorkflowIDOrigin
    /// The base name of the file.
    public let sourceName: String
    /// The definition's digest.
    public let digest: ContentDigest
    /// What is conspicuous but was imported; at most ``WorkflowLimits/findings``.
    public let warnings: [WorkflowWarning]
    /// The bytes that it was read from.
    public let original: [UInt8]

    /// The command that imports it and keeps the bytes.
    public var command: WorkflowDecider.Command {
        .importDefinition(definition, format: format, digest: digest, sourceName: sourceName, original: original)
    }
}
