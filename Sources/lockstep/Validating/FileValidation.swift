import Conversion
import Ingest
import JourneyDomain

/// Judges files one after the other, and journeys by each other, and shows what there is to say.
struct FileValidation: Sendable {
    /// The path that stands for standard input.
    static let standardInput = "-"

    let isStrict: Bool
    let asJSON: Bool

    /// - Returns: whether every file is valid.
    func run(_ paths: [String]) async throws -> Bool {
        var judgements: [FileJudgement] = []
        let progress = ImportProgress(total: paths.count, isShown: !asJSON && StandardError.isTerminal)
        for path in paths {
            try Task.checkCancellation()
            progress.show(judgements.count, path)
            judgements += Self.judge(path)
        }
        progress.clear()
        Self.compareJourneys(&judgements)
        try show(judgements)
        return judgements.allSatisfy { $0.isValid(strictly: isStrict) }
    }

    /// One judgement for a file, one for each workflow or journey of an archive.
    private static func judge(_ path: String) -> [FileJudgement] {
        do throws(FileFlaw) {
            let bytes = path == standardInput ? try StandardInput.content() : try WorkflowFiles.read(path)
            let sources = try WorkflowFiles.sources(in: bytes, named: path)
            var judgements = sources.map { FileJudgement($0.name, $0.bytes) }
            if let remark = sources.remark, !judgements.isEmpty {
                judgements[0].add([ModelFinding(.fileUnknownPart, .remark, at: .root, remark, cure: "")])
            }
            return judgements
        } catch {
            return [FileJudgement(path, unreadable: error)]
        }
    }

    /// States of different journeys must not share an id.
    private static func compareJourneys(_ judgements: inout [FileJudgement]) {
        let places = judgements.indices.filter { judgements[$0].journey != nil }
        let journeys = places.compactMap { judgements[$0].journey.map { ($0.id, $0.definition) } }
        for (place, findings) in zip(places, JourneyValidation.sharedStates(among: journeys)) {
            judgements[place].add(findings)
        }
    }

    private func show(_ judgements: [FileJudgement]) throws(BrokenPipe) {
        guard asJSON else { return ValidationTable.show(judgements, strictly: isStrict) }
        for judgement in judgements {
            StandardOutput.shared.write(judgement.json(strictly: isStrict))
            try StandardOutput.shared.flushOrStop()
        }
    }
}
