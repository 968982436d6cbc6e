/// What is told of what happens between the two sides of an execution, and of the policies that decide.
enum ReconciliationSentences {
    static let all: [String: SentenceTemplate] = [
        "reconciliation.agreed": "Both sides agree on \(count: "fields", of: "field")",
        "reconciliation.resolved":
            "\(plain: "path") decided\(when: ", the \(plain: "winner")'s word stands")\(when: ", by \(plain: "rule", "name") of policy \("rule", "policy") \(plain: "rule", "version")")",
        "reconciliation.conflict_queued": "\(plain: "path") waits for a person: \(plain: "reason")",
        "reconciliation.conflict_lapsed": "The conflict about \(plain: "path") is none any more",
        "reconciliation.divergence_accepted": "The difference at \(plain: "path") is accepted",
        "reconciliation.effect_requested":
            "The \(plain: "side") is to \(plain: "action")\(when: " at block \("block")")\(when: ", state \("state")")",
        "reconciliation.effect_sent": "Effect tried\(when: ", time \(plain: "times")")",
        "reconciliation.effect_unknown": "Nobody knows whether an effect was carried out",
        "reconciliation.effect_confirmed": "Effect carried out, by its \(plain: "by")",
        "reconciliation.effect_stale": "Effect came to nothing: \(plain: "reason")",
        "reconciliation.ownership_taken":
            "\(plain: "fields") handed over\(when: " to the \(plain: "owner")")\(when: ": \("because")")",
        "reconciliation.went_stale": "Neither side has moved since \(plain: "since"): left alone until one does",
        "policy.published": "Version \(plain: "version") of policy \("name") published",
        "policy.superseded":
            "Policy version \(plain: "version") superseded\(when: " by version \(plain: "successor")")",
    ]
}
