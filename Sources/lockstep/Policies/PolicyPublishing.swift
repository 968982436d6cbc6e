import EventModel
import EventSourcing
import Reconciliation
import Schemas

/// Puts policies on record, all or none of them. What is on record already is left as it is.
struct PolicyPublishing: Sendable {
    /// What has become of one policy.
    struct Outcome: Sendable {
        let policy: PolicyPublication
        /// Whether it was put on record now; it was there before otherwise.
        let isNew: Bool
        /// The version whose place it has taken.
        let superseded: Int?
    }

    let log: SealedLog
    let actor: String

    /// - Throws: ``Failure`` with status 1 when a version is on record as something else, or a higher one is.
    func publish(_ policies: [PolicyPublication]) async throws -> [Outcome] {
        let (time, random) = (SystemTimekeeper(), SystemRandomSource())
        let context = CommandContext(id: IDSource(time: time, random: random).next(), time: time.now(), actor: actor)
        let streams = try policies.map { policy throws(NameFlaw) in (policy, try policy.stream()) }
        return try await JointHandler(log, time: time, random: random).handle(context) { decisions in
            var outcomes: [Outcome] = []
            for (policy, stream) in streams {
                let before = try await decisions.state(of: stream, by: PolicyDecider.self).state.current
                let events = try await decisions.decide([.publish(policy)], by: PolicyDecider.self, over: stream).events
                outcomes.append(
                    Outcome(policy: policy, isNew: !events.isEmpty, superseded: events.isEmpty ? nil : before))
            }
            return outcomes
        }.answer
    }

    /// Puts on record what is decided by: the default policy, and those of the files.
    ///
    /// - Throws: ``Failure`` as `publish`; nothing is decided by a policy of which another text is on record.
    func publish(_ files: PolicyFiles) async throws -> [Outcome] {
        try await publish([try DefaultPolicy.publication()] + files.publications)
    }
}

/// The policies of files, which can be in force together with the default one.
struct PolicyFiles: Sendable {
    let book: PolicyBook
    /// In the order of the files.
    let publications: [PolicyPublication]

    /// - Throws: ``Failure`` with status 2 when a file holds no policy that can be in force.
    init(_ files: [String]) throws(Failure) {
        let judgements = try PolicyJudgement.all(files)
        var policies: [Policy] = []
        var publications: [PolicyPublication] = []
        for judgement in judgements {
            guard let policy = judgement.policy, let publication = judgement.publication, judgement.isValid else {
                throw Failure(
                    .usage, "the policy in \(Table.printable(judgement.file)) cannot be used",
                    hint:
                        "run `lockstep policy check \(Table.printable(judgement.file))`, which says all that is wrong with it"
                )
            }
            policies.append(policy)
            publications.append(publication)
        }
        let fallback = try DefaultPolicy.read()
        do throws(PolicyBookFlaws) { book = try PolicyBook(policies, fallback: fallback) } catch {
            throw Failure(
                .usage, describing: error.all.map(\.description).joined(separator: "; "),
                otherwise: "run `lockstep policy check` over all of them")
        }
        self.publications = publications
    }
}

extension DefaultPolicy {
    /// The default policy as it is put on record.
    ///
    /// - Throws: ``Failure`` as ``read()``.
    static func publication() throws(Failure) -> PolicyPublication {
        do throws(PolicyFlaws) { return try PolicyPublication(yaml: Schemas.defaultPolicy) } catch {
            throw Failure(.internal, "the default policy is not one", hint: "report it")
        }
    }
}
