import EventModel
import ReadModels
import Testing

@Suite struct `Fingerprint of a projection` {
    /// A projection that everything of can be changed.
    struct Counter: Projection {
        var name = "counter"
        var version = 1
        var interest = EventInterest.types([EventType(trusting: "mapping.proposed")])
        var step: Int64 = 1
        var isAppendOnly = false
        var keyColumns = 1
        var columns: [ColumnDefinition] = [.required("key", .text, "Key."), .required("count", .int, "Events.")]
        /// What the fold does behind another event; nothing shows it on the first.
        var stepBehind: Int64 = 1

        var table: TableDefinition {
            TableDefinition(
                name: name, version: version, documentation: "Counts.", keyColumns: keyColumns,
                isAppendOnly: isAppendOnly, columns: columns)
        }
        func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? { RowKey([.text(event.stream.rawValue)]) }
        func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
            guard event.dataLength > 0 else {
                throw ProjectionFault(.notAnObject(found: "nothing"), in: self, at: event)
            }
            guard case .int(let count)? = row?.values[1] else {
                return Row([.text(event.stream.rawValue), .int(step)])
            }
            return Row([.text(event.stream.rawValue), .int(count + stepBehind)])
        }
    }

    private func sample(_ type: String, _ version: Int32 = 1, _ data: String = "{}") -> FoldSample {
        FoldSample(type: EventType(trusting: type), schemaVersion: version, data: Array(data.utf8))
    }

    private func fingerprint(_ change: (inout Counter) -> Void = { _ in }) -> ProjectionFingerprint {
        var counter = Counter()
        change(&counter)
        return ProjectionFingerprint(of: counter, samples: FoldSample.all)
    }

    @Test func `it is the same twice, and in whatever order the samples come`() {
        for projection in ProjectionCatalogue.all {
            let one = ProjectionFingerprint(of: projection, samples: FoldSample.all)
            let other = ProjectionFingerprint(of: projection, samples: FoldSample.all.reversed())
            #expect(one == other && one.digest == other.digest, "\(projection.name)")
            #expect(one.differences(from: other).isEmpty)
            #expect(!one.folds.isEmpty)
        }
    }

    @Test func `no two projections have the same`() {
        let all = ProjectionCatalogue.all.map { ProjectionFingerprint(of: $0, samples: FoldSample.all).digest }
        #expect(Set(all).count == all.count)
    }

    @Test(
        arguments: [
            { $0.columns.append(.optional("more", .text, "More.")) },
            { $0.columns[1] = .required("count", .bool, "Events.") },
            { $0.columns[1] = .required("number", .int, "Events.") },
            { $0.columns[1] = .optional("count", .int, "Events.") },
            { $0.columns[1] = .part("count", .sum, "Events.") },
            { $0.columns.swapAt(0, 1) },
            { $0.keyColumns = 2 },
            { $0.isAppendOnly = true },
        ] as [@Sendable (inout Counter) -> Void])
    func `another shape of the table is another fingerprint`(_ change: @Sendable (inout Counter) -> Void) {
        let (before, after) = (fingerprint(), fingerprint(change))
        #expect(after.digest != before.digest)
        #expect(after.differences(from: before).contains(.table))
    }

    @Test func `other words are not another fingerprint`() {
        let words = fingerprint { $0.columns[1] = .required("count", .int, "How many events.") }
        #expect(words == fingerprint())
    }

    @Test func `a fold that does something else is another fingerprint, also when only a second event shows it`() {
        for change in [{ $0.step = 2 }, { $0.stepBehind = 2 }] as [(inout Counter) -> Void] {
            let after = fingerprint(change)
            #expect(after.digest != fingerprint().digest)
            #expect(after.differences(from: fingerprint()) == [.fold(samples: ["mapping.proposed@1"])])
        }
    }

    @Test func `another type of event is another fingerprint`() {
        let types = ["mapping.proposed", "mapping.retired"].map { EventType(trusting: $0) }
        let (before, after) = (fingerprint(), fingerprint { $0.interest = .types(Set(types)) })
        #expect(
            after.differences(from: before).first
                == .interest(added: ["mapping.retired@1"], removed: []))
        #expect(
            before.differences(from: after).contains(.interest(added: [], removed: ["mapping.retired@1"])))
    }

    @Test func `a newer schema of a type is another fingerprint`() {
        let before = ProjectionFingerprint(of: Counter(), samples: [sample("mapping.proposed")])
        let after = ProjectionFingerprint(
            of: Counter(), samples: [sample("mapping.proposed"), sample("mapping.proposed", 2)])
        #expect(after.differences(from: before).first?.description.contains("mapping.proposed@2") == true)
    }

    @Test(arguments: [true, false])
    func `a type that is new changes nothing for those who take every event`(_ all: Bool) throws {
        let interest = all ? EventInterest.all : .categories([try Category("mapping")])
        let old = [sample("mapping.proposed"), sample("mapping.retired")]
        let counter = Counter(interest: interest)
        let before = ProjectionFingerprint(of: counter, samples: old)
        let after = ProjectionFingerprint(of: counter, samples: [sample("mapping.again")] + old)
        #expect(after.differences(from: before).isEmpty && after.digest != before.digest)
        #expect(before.differences(from: after) == [.unknownSamples(["mapping.again@1"])])
        let other = ProjectionFingerprint(of: Counter(interest: interest, stepBehind: 2), samples: old)
        #expect(other.differences(from: before) == [.fold(samples: ["mapping.proposed@1", "mapping.retired@1"])])
    }

    @Test func `another version is another generation, and no mistake`() {
        #expect(
            fingerprint { $0.version = 2 }.differences(from: fingerprint())
                == [.generation(stored: "counter version 1", found: "counter version 2")])
    }

    @Test func `a fault is part of it`() {
        let folds = ProjectionFingerprint(of: Counter(), samples: [sample("mapping.proposed")])
        let fails = ProjectionFingerprint(of: Counter(), samples: [sample("mapping.proposed", 1, "")])
        #expect(fails.differences(from: folds) == [.fold(samples: ["mapping.proposed@1"])])
    }

    @Test func `it is read back as it was written`() throws {
        for projection in ProjectionCatalogue.all {
            let found = ProjectionFingerprint(of: projection, samples: FoldSample.all)
            let read = ProjectionFingerprint(try JSONValue(found.json.compactBytes()))
            #expect(read == found)
        }
        #expect(ProjectionFingerprint(["projection": "a", "version": 1]) == nil)
        #expect(
            ProjectionFingerprint(["projection": "a", "version": 1, "table": "t", "interest": [1], "folds": [:]]) == nil
        )
    }

    @Test func `the number of lanes is the deployment's, and no part of it`() {
        let few = ProjectionFingerprint(of: ActivityByHourProjection(lanes: 3), samples: FoldSample.all)
        #expect(few == ProjectionFingerprint(of: ActivityByHourProjection(lanes: 48), samples: FoldSample.all))
    }

    @Test func `an erasure is tried in the streams of what is erased`() throws {
        let names = ProjectionFingerprint(of: SyncStateProjection(), samples: FoldSample.all).folds.keys
        #expect(names.contains("subject.erased@1 in workflow_execution"))
        #expect(names.contains("subject.erased@1 in journey_session"))
    }
}
