/// Numbers of things, as people say them.
enum Counted {
    /// `1 block`, `2 blocks`.
    ///
    /// - Parameter noun: one of them.
    static func of(_ number: some BinaryInteger, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
