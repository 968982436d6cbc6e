/// Who has not come to the head, why, and who holds what: what a failed wait tells.
enum Stragglers {
    static let question = """
        select concat_ws(' ', consumer, kind, version, 'lane', lane, state, 'at', position, 'of', head, last_error)
        from lockstep.consumer_progress where position < head
        union all
        select concat_ws(' ', 'lease', name, 'of', holder, 'until', expires_at) from lockstep.leases
        where expires_at > clock_timestamp()
        """
}
