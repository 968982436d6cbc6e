/// What a journey may be at most.
public enum JourneyLimits {
    /// Bytes of a file: a definition at the limit, generously indented.
    public static let fileBytes = 8 << 20
    /// Bytes of a definition as an event stores it: its structure, and its texts sealed, which makes four bytes of three. An event may
    /// have 1 MiB; 64 KiB are left for what goes with it. See ``JourneyDefinition/storedBytes``.
    public static let definitionBytes = (1 << 20) - (64 << 10)
    /// States of a journey, the root included.
    public static let states = 5_000
    /// Transitions of a journey.
    public static let transitions = 20_000
    /// Conditions of activation.
    public static let conditions = 1_000
    /// Labels, or tags, of a journey or a state.
    public static let labels = 1_000
    /// Tools of one state.
    public static let tools = 1_000
    /// Characters (Unicode scalars, as Parlant counts them) of a title.
    public static let titleCharacters = 1...100
    /// Bytes of the reason for which a journey is archived.
    public static let reasonBytes = 4 << 10
    /// Bytes of the id of a state or a transition.
    public static let idBytes = 512
    /// Problems, and warnings, that a reader lists; more of them are left out.
    public static let findings = 200
    /// Bytes of ids and texts that a revision's list of changes may take, out of the 64 KiB above.
    public static let changeBytes = 32 << 10
}
