import Configuration
import FoundationEssentials

/// Where settings come from, the first that knows a value wins: the command line, the environment (`LOCKSTEP_*`), the file given by
/// `--config` or `LOCKSTEP_CONFIG` (YAML, or JSON, which is YAML as well).
struct SettingsSource: Sendable {
    private let reader: ConfigReader
    /// The process's environment, for names that are not known beforehand.
    let environment: [String: String]

    /// - Throws: ``Failure`` when the file is missing or unreadable.
    init(
        file: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws(Failure) {
        self.environment = environment
        // An empty variable is one that was not set: compose files and unit files produce them.
        let given = environment.filter { !$0.value.isEmpty }
        let variables = EnvironmentVariablesProvider(environmentVariables: given).prefixKeys(with: "lockstep")
        guard let path = file ?? given["LOCKSTEP_CONFIG"] else {
            reader = ConfigReader(provider: variables)
            return
        }
        do {
            reader = ConfigReader(providers: [variables, try await FileProvider<YAMLSnapshot>(filePath: .init(path))])
        } catch {
            throw Failure(
                .usage, "the configuration file \(path) cannot be read: \(error)",
                hint: "see `lockstep serve --print-config` for the names and their defaults")
        }
    }

    /// A text; `nil` when nobody gives it.
    func text(_ key: String, isSecret: Bool = false) -> String? {
        reader.string(forKey: ConfigKey(key), isSecret: isSecret)
    }

    /// A list of texts: separated by commas in the environment.
    func list(_ key: String) -> [String]? { reader.stringArray(forKey: ConfigKey(key)) }

    /// A whole number within `range`.
    func number(_ key: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let number = reader.int(forKey: ConfigKey(key)) else {
            guard let text = text(key) else { return nil }
            throw Self.misfit(key, text, "a whole number")
        }
        guard range.contains(number) else {
            throw Self.misfit(key, "\(number)", "from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    static func misfit(_ key: String, _ value: String, _ wanted: String) -> Failure {
        Failure(
            .usage, "the setting \(key) (\(variable(key))) is \"\(value)\" and must be \(wanted)",
            hint: "see `lockstep serve --print-config`")
    }

    /// The environment variable of a key.
    static func variable(_ key: String) -> String {
        "LOCKSTEP_" + key.uppercased().replacing(".", with: "_")
    }
}
