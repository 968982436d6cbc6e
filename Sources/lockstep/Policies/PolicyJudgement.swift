import Ingest
import Reconciliation
import Schemas

/// What is to be said of one policy's file.
struct PolicyJudgement: Sendable {
    /// One thing that there is to say.
    struct Remark: Sendable {
        let isError: Bool
        let line: Int?
        let place: String
        let message: String
    }

    /// The path, or `-` for standard input.
    let file: String
    /// The policy; `nil` when the file cannot be read as one.
    let policy: Policy?
    /// The policy as it is put on record; `nil` when the file cannot be read as one.
    let publication: PolicyPublication?
    /// What there is to say, errors first, otherwise in the order of the file.
    private(set) var remarks: [Remark]

    /// Whether it can be in force.
    var isValid: Bool { !remarks.contains(where: \.isError) }

    /// Judges files, each by itself and then all by each other.
    ///
    /// - Throws: ``Failure`` when the program's own default policy is no policy.
    static func all(_ files: [String]) throws(Failure) -> [PolicyJudgement] {
        let fallback = try DefaultPolicy.read()
        var judgements = files.map { PolicyJudgement($0) }
        do throws(PolicyBookFlaws) {
            _ = try PolicyBook(judgements.compactMap(\.policy), fallback: fallback)
        } catch {
            for flaw in error.all {
                for place in judgements.indices
                where judgements[place].policy.map({ flaw.names.contains($0.name) }) ?? false {
                    judgements[place].remarks.insert(
                        Remark(isError: true, line: nil, place: "policy", message: "\(flaw)"), at: 0)
                }
            }
        }
        return judgements
    }

    private init(_ file: String) {
        self.file = file
        do throws(FileFlaw) {
            let isInput = file == FileValidation.standardInput
            let bytes = isInput ? try StandardInput.content() : try WorkflowFiles.read(file)
            let check = PolicyCheck(yaml: bytes, telling: .connected)
            policy = check.policy
            publication = try? PolicyPublication(yaml: bytes)
            remarks =
                check.flaws.map { Remark(isError: true, line: $0.line, place: $0.place, message: $0.message) }
                + check.warnings.map { Remark(isError: false, line: $0.line, place: $0.place, message: $0.message) }
        } catch {
            (policy, publication) = (nil, nil)
            remarks = [Remark(isError: true, line: nil, place: "", message: Self.message(of: error))]
        }
    }

    /// The same for a policy, where a sentence is about what is imported.
    private static func message(of flaw: FileFlaw) -> String {
        switch flaw {
        case .directory: "this is a directory; name files"
        case .empty, .notText, .emptyArchive, .archive:
            "this is no policy, which is YAML or JSON text; begin with `lockstep policy default`"
        case .tooLarge(let bytes, _): "\(bytes) bytes, the limit is \(PolicyLimits.bytes)"
        case .missing, .unlistable, .special, .unreadable: flaw.description
        }
    }
}

/// The policy that the program carries with it.
enum DefaultPolicy {
    /// The policy that is in force where no other one is.
    ///
    /// - Throws: ``Failure`` when it is no policy: a mistake in the program, which a test would have found.
    static func read() throws(Failure) -> Policy {
        do throws(PolicyFlaws) { return try Policy(yaml: Schemas.defaultPolicy) } catch {
            let flaws = error.all.map(\.description).joined(separator: "; ")
            throw Failure(.internal, "the default policy is not one: \(flaws)", hint: "report it")
        }
    }
}
