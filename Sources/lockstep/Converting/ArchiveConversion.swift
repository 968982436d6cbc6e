import Ingest

extension FileConversion {
    /// Converts the workflow of a file, or each workflow of an archive. One that cannot be converted is told, and the others go on.
    func workflows(_ path: String) async throws {
        let bytes = try InputFile.read(path)
        let sources: WorkflowSources
        do throws(FileFlaw) {
            sources = try WorkflowFiles.sources(in: bytes, named: path)
        } catch {
            throw Failure(.no, describing: "\(path): \(error)", otherwise: "check the archive")
        }
        if let remark = sources.remark { StandardError.write(Table.printable(remark)) }
        guard sources.count > 1 else {
            for source in sources { try await workflow(source.bytes, named: source.name) }
            return
        }
        guard options.to == nil, options.out == nil else {
            throw Failure(
                .usage, "the archive has \(sources.count) workflows, and --to and --out are for one",
                hint: "unpack it and convert them one by one")
        }
        try await convertEach(of: sources)
    }

    private func convertEach(of sources: WorkflowSources) async throws {
        var isAllYes = true
        for (source, reading) in zip(sources, WorkflowSource.readings(of: sources, chosenID: options.id)) {
            try Task.checkCancellation()
            do {
                if case .failure(let flaw) = reading.result {
                    throw Failure(.no, describing: flaw.summary, otherwise: "run `lockstep validate` for every finding")
                }
                try await workflow(source.bytes, named: source.name)
            } catch is AnsweredNo {
                isAllYes = false
            } catch let failure as Failure where failure.status == .no {
                isAllYes = false
                let isNamed = failure.error.hasPrefix("\(source.name): ")
                StandardError.write(
                    Table.printable("\(isNamed ? "" : "\(source.name): ")\(failure.error); \(failure.hint)"))
            }
        }
        guard isAllYes else { throw AnsweredNo() }
    }
}
