drop view lockstep_views.reconcile_jobs;
drop table lockstep.reconcile_job_lines;
drop table lockstep.reconcile_jobs;
delete from lockstep.leases where name like 'reconcile-job-%';
