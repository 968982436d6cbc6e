import Conversion
import Converting
import EventModel
import Ingest
import JourneyDomain
import WorkflowDomain

/// What validation finds; the doctor's findings are of another kind.
typealias ModelFinding = Conversion.Finding

/// What validation says of one file.
struct FileJudgement: Sendable {
    /// What a file holds.
    enum Model: String, Sendable {
        case workflow, journey
    }

    /// The path, or `-` for standard input.
    let file: String
    /// What it holds; `nil` when that cannot be told.
    let model: Model?
    /// Its format; `nil` when that cannot be told.
    let format: String?
    /// What there is to say, errors first, otherwise in the order found.
    private(set) var findings: [ModelFinding]
    /// The journey, to be compared with others.
    private(set) var journey: JourneyReading?

    private init(_ file: String, _ model: Model?, format: String?, _ findings: [ModelFinding]) {
        self.file = file
        self.model = model
        self.format = format
        self.findings = findings.sortedBySeverity
    }

    /// A file that cannot be read at all.
    init(_ file: String, unreadable flaw: FileFlaw) {
        self.init(file, nil, format: nil, [ModelFinding(.fileUnreadable, sentence: flaw.description)])
    }

    /// Judges the content of a file by what it turns out to be.
    init(_ file: String, _ bytes: [UInt8]) {
        if let value = Self.json(bytes), JourneyFile.isJourney(value) {
            self.init(file, journey: value, bytes: bytes.count)
        } else {
            self.init(file, workflow: bytes)
        }
    }

    private init(_ file: String, journey value: JSONValue, bytes: Int) {
        do throws(JourneyFormatError) {
            guard bytes <= JourneyLimits.fileBytes else {
                throw .fileTooLarge(bytes: bytes, limit: JourneyLimits.fileBytes)
            }
            let reading = try JourneyFile.read(value, name: file)
            let ofFile = reading.warnings.filter(\.isOfFileOnly).map { ModelFinding($0) }
            self.init(
                file, .journey, format: reading.format.rawValue,
                ofFile + JourneyValidation.findings(of: reading.definition) + Self.excess(of: reading))
            journey = reading
        } catch {
            self.init(file, .journey, format: error.format, error.findings)
        }
    }

    private init(_ file: String, workflow bytes: [UInt8]) {
        do throws(WorkflowFormatError) {
            let reading = try WorkflowFile.inspect(bytes, name: file)
            guard reading.problems.isEmpty else {
                self.init(file, .workflow, format: reading.format.rawValue, reading.findings)
                return
            }
            let whole = try WorkflowFile.read(bytes, name: file)
            let ofFile = reading.warnings.filter(\.isOfFileOnly).map { ModelFinding($0) }
            self.init(
                file, .workflow, format: reading.format.rawValue,
                ofFile + WorkflowValidation.findings(of: reading.definition, scope: reading.format.scope)
                    + Self.excess(of: whole))
        } catch {
            self.init(file, error.format == nil ? nil : .workflow, format: error.format, error.findings)
        }
    }

    /// What of its conversion could not be stored. Whether it can be converted at all is another question, which the other findings answer.
    private static func excess(of reading: WorkflowReading) -> [ModelFinding] {
        guard let made = try? WorkflowToJourney.convert(reading.definition, id: reading.id.text) else { return [] }
        return StoredSizes.findings(of: made)
    }

    private static func excess(of reading: JourneyReading) -> [ModelFinding] {
        guard let made = try? JourneyToWorkflow.convert(reading.definition, id: reading.id.text) else { return [] }
        return StoredSizes.findings(of: made)
    }

    /// The value of a file that looks like JSON and is.
    private static func json(_ bytes: [UInt8]) -> JSONValue? {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        guard text.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "{") else { return nil }
        return try? JSONValue(text, limits: .file)
    }

    /// Adds what only the comparison of several files shows.
    mutating func add(_ findings: [ModelFinding]) { self.findings = (self.findings + findings).sortedBySeverity }

    /// How many findings there are of a severity.
    func count(_ severity: ModelFinding.Severity) -> Int { findings.count(of: severity) }

    /// Whether it can be used as it is.
    func isValid(strictly: Bool) -> Bool {
        count(.error) == 0 && (!strictly || count(.warning) == 0)
    }
}

extension [ModelFinding] {
    fileprivate var sortedBySeverity: [ModelFinding] {
        ModelFinding.Severity.allCases.reversed().flatMap { severity in filter { $0.severity == severity } }
    }
}
