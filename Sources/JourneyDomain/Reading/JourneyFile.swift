import EventModel

/// Reads a journey in any of the forms of ``JourneyFormat``.
public enum JourneyFile {
    /// Whether `value` has the shape of a journey rather than of something else. It may still have problems.
    public static func isJourney(_ value: JSONValue) -> Bool {
        do throws(JourneyFormatError) {
            _ = try JourneyDetection.detect(value)
            return true
        } catch {
            if case .ambiguous = error { return true }
            return false
        }
    }

    /// Reads the bytes of a file.
    ///
    /// - Parameters:
    ///   - name: the file's name, with or without directories; only its base name is used, and only when nothing else names the journey.
    ///   - chosenID: the id that the caller wants.
    ///   - conditionTexts: the texts of guidelines by id, for Parlant answers conditions by id.
    /// - Throws: ``JourneyFormatError``; structural problems all at once.
    public static func read(
        _ bytes: [UInt8], name: String, chosenID: String? = nil, conditionTexts: [String: String] = [:]
    ) throws(JourneyFormatError) -> JourneyReading {
        guard bytes.count <= JourneyLimits.fileBytes else {
            throw .fileTooLarge(bytes: bytes.count, limit: JourneyLimits.fileBytes)
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        let value: JSONValue
        do throws(JSONFlaw) { value = try JSONValue(text, limits: .file) } catch {
            let ending = baseName(of: name).split(separator: ".").last?.lowercased() ?? ""
            throw text.starts(with: [0x50, 0x4B]) || ["yaml", "yml"].contains(ending) ? .notJSON : .json(error)
        }
        var reading = try read(value, name: name, chosenID: chosenID, conditionTexts: conditionTexts)
        reading.original = bytes
        return reading
    }

    /// Reads a value, as ``read(_:name:chosenID:conditionTexts:)-([UInt8],_,_,_)`` does.
    public static func read(
        _ value: JSONValue, name: String, chosenID: String? = nil, conditionTexts: [String: String] = [:]
    ) throws(JourneyFormatError) -> JourneyReading {
        let format = try JourneyDetection.detect(value)
        guard format != .canonical || JourneyReading.hidingMembers.allSatisfy({ value[$0] == nil }) else {
            throw .incomplete
        }
        var findings = JourneyFindings()
        let draft = draft(value.object ?? JSONObject(), format, conditionTexts, findings: &findings)
        let definition = draft.assembled(findings: &findings)
        let identity = identify(value, format, chosenID: chosenID, title: draft.title, name: name, findings: &findings)
        let base = base(of: value, format, findings: &findings)
        guard let definition, let (id, origin) = identity, findings.problems.isEmpty else {
            throw .problems(findings.problems, format: format)
        }
        let canonical = definition.canonicalValue
        let bytes = PersonalTree.journey.storedBytes(of: canonical)
        guard bytes <= JourneyLimits.definitionBytes else {
            throw .definitionTooLarge(bytes: bytes, limit: JourneyLimits.definitionBytes)
        }
        return JourneyReading(
            definition: definition, format: format, id: id, idOrigin: origin, sourceName: baseName(of: name),
            digest: ContentDigest(of: canonical.compactBytes()), warnings: findings.warnings,
            parlantRoot: format == .graph ? value["journey"]?["root_id"]?.string.map { ElementID($0) } : nil,
            base: base)
    }

    private static func base(
        of value: JSONValue, _ format: JourneyFormat, findings: inout JourneyFindings
    ) -> ContentDigest? {
        guard format == .canonical, let said = value[JourneyReading.baseMember], !said.isNull else { return nil }
        if let digest = said.string.flatMap(ContentDigest.init(hexadecimal:)) { return digest }
        findings.problem(
            .wrongType(wanted: "64 hexadecimal digits", found: said.string == nil ? said.kind : "another string"),
            at: JSONPath.root[JourneyReading.baseMember])
        return nil
    }

    private static func draft(
        _ top: JSONObject, _ format: JourneyFormat, _ texts: [String: String], findings: inout JourneyFindings
    ) -> JourneyDraft {
        switch format {
        // These speak of the file; they are no part of the journey.
        case .canonical:
            JourneyForms.canonical(top.removing(["id", JourneyReading.baseMember]), findings: &findings)
        case .graph: JourneyForms.graph(top, conditionTexts: texts, findings: &findings)
        case .journey: JourneyForms.journey(top, conditionTexts: texts, findings: &findings)
        }
    }

    /// The caller's choice, else the file's own id, else one from the title, else one from the file's name.
    private static func identify(
        _ value: JSONValue, _ format: JourneyFormat, chosenID: String?, title: String, name: String,
        findings: inout JourneyFindings
    ) -> (JourneyID, JourneyIDOrigin)? {
        let own = format == .graph ? value["journey"]?["id"] : value["id"]
        let path = format == .graph ? JSONPath.root["journey"]["id"] : JSONPath.root["id"]
        if let chosenID { return check(chosenID, .chosen, at: .root, findings: &findings) }
        if let own, !own.isNull {
            guard let text = own.string else {
                findings.problem(.wrongType(wanted: "a string", found: own.kind), at: path)
                return nil
            }
            return check(text, .file, at: path, findings: &findings)
        }
        if let id = JourneyID.derived(fromTitle: title) { return (id, .title) }
        let stem = baseName(of: name).split(separator: ".").first.map(String.init) ?? ""
        if let id = JourneyID.derived(fromTitle: stem) { return (id, .fileName) }
        findings.problem(.illegalJourneyID(name), at: .root)
        return nil
    }

    private static func check(
        _ text: String, _ origin: JourneyIDOrigin, at path: JSONPath, findings: inout JourneyFindings
    ) -> (JourneyID, JourneyIDOrigin)? {
        if let id = JourneyID(text) { return (id, origin) }
        findings.problem(.illegalJourneyID(text), at: path)
        return nil
    }

    private static func baseName(of path: String) -> String {
        path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? ""
    }
}

/// A journey read from a file or from Parlant.
public struct JourneyReading: Sendable, Equatable {
    /// The journey.
    public let definition: JourneyDefinition
    /// The form it came in.
    public let format: JourneyFormat
    /// Its id, in Parlant and in our log.
    public let id: JourneyID
    /// Where the id came from.
    public let idOrigin: JourneyIDOrigin
    /// The base name of the file.
    public let sourceName: String
    /// The definition's digest.
    public let digest: ContentDigest
    /// What is conspicuous but was read; at most ``JourneyLimits/findings``.
    public let warnings: [JourneyWarning]
    /// What Parlant calls the root, in the form with a graph; the definition may have another name for it.
    public let parlantRoot: ElementID?
    /// The digest of what the file was taken from, if it says so: when the log holds something else by now, it was changed since.
    public let base: ContentDigest?
    /// The file's own bytes; `nil` when a value was read rather than a file.
    public internal(set) var original: [UInt8]?

    /// Where a file of ours says what it was taken from.
    static let baseMember = "base_digest"

    /// Where a file of ours says that values are hidden, and whose they are: by the names that hidden values have everywhere.
    static let hidingMembers = ["$sealed", "$erased"]

    /// What makes it the journey's definition: with the file, where there is one, as it is.
    public var command: JourneyDecider.Command {
        guard let original else { return .define(content) }
        return .importFile(content, JourneySource(bytes: original, name: sourceName, format: format))
    }

    /// What the log is to hold of it.
    public var content: JourneyContent {
        JourneyContent(
            definition: definition, digest: digest,
            origin: format == .canonical ? .file(name: .string(sourceName), format: format) : .parlant)
    }
}

extension JourneyDefinition {
    /// The file of ours that holds everything: the canonical form, with the id and, where it is in the log, with what it was taken from, so that
    /// it is known later whether it was changed there since.
    ///
    /// - Parameter hidden: what stands for values that whoever writes the file cannot see; the file says so and is no journey to be imported.
    public func file(id: String, base: ContentDigest?, hidden: JSONValue? = nil) -> [UInt8] {
        var file = canonicalValue.object ?? JSONObject()
        file["id"] = .string(id)
        file[JourneyReading.baseMember] = base.map { .string($0.hexadecimal) }
        for member in JourneyReading.hidingMembers {
            guard let subject = hidden?[member]?["subject"] else { continue }
            file[member] = ["subject": subject]
        }
        return JSONValue.object(file).canonicalBytes()
    }

    /// Reads back what ``canonicalValue`` answered, exactly.
    /// - Throws: ``JourneyFormatError/problems(_:format:)``.
    public init(canonical value: JSONValue) throws(JourneyFormatError) {
        guard let top = value.object else { throw .unrecognised(found: ["(\(value.kind))"]) }
        var findings = JourneyFindings()
        let draft = JourneyForms.canonical(top, findings: &findings)
        guard let definition = draft.assembled(findings: &findings) else {
            throw .problems(findings.problems, format: .canonical)
        }
        self = definition
    }
}
