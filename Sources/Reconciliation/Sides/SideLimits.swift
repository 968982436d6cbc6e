/// What a side remembers at most of what anybody may say as often as they like. What comes on top is not remembered, or pushes out what is oldest.
public enum SideLimits {
    /// Effects whose echoes are remembered; a further one pushes out the one that was heard first.
    public static let echoes = 1_000
    /// Keys of values, and names of inputs, that a conversation is remembered to have told; further ones are not.
    public static let names = 1_000
    /// Tellings of one value that are remembered, so that a rewind can bring an earlier one back; a further one pushes out the one with the lowest offset.
    public static let tellings = 64
    /// Sessions that are remembered to have claimed an execution; further ones are not.
    public static let sessions = 16
}
