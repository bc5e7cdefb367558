//! The published ways from some permissions to more of them.
//!
//! Sources: Rhino Security Labs, "AWS IAM Privilege Escalation – Methods and Mitigation"
//! (S. Gietzen); Bishop Fox, "IAM Vulnerable" and "Privilege escalation in AWS" (S. Art,
//! G. Wolf); Datadog, pathfinding.cloud (Apache-2.0), whose ids the rows bear. Rows that have
//! the same decisive permissions are one, with the ids of all; an id without a number is not
//! theirs.

/// What a way comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// It writes itself more permissions.
    Writes,
    /// It becomes somebody else.
    Becomes,
    /// It hands a role to something new that it controls.
    Passes,
    /// It takes over something that has a role already.
    TakesOver,
}

pub struct Path {
    pub ids: &'static [&'static str],
    pub way: Way,
    /// All of them.
    pub needs: &'static [&'static str],
    /// The service that a role is passed to.
    pub service: &'static str,
    /// What is done, after "it can".
    pub does: &'static str,
    /// To do it with what is one's own is enough.
    pub own: bool,
}

const fn row(
    ids: &'static [&'static str],
    way: Way,
    needs: &'static [&'static str],
    service: &'static str,
    does: &'static str,
) -> Path {
    Path { ids, way, needs, service, does, own: matches!(way, Way::Writes) }
}

use Way::{Becomes, Passes, TakesOver, Writes};

#[rustfmt::skip]
pub const PATHS: &[Path] = &[
    // Permissions written.
    row(&["iam-001", "iam-003", "iam-020"], Writes, &["iam:CreatePolicyVersion"], "", "rewrite a policy that it holds"),
    row(&["iam-002"], Writes, &["iam:SetDefaultPolicyVersion"], "", "put another version of a policy in force"),
    row(&["iam-007", "iam-017"], Writes, &["iam:AttachUserPolicy"], "", "attach any policy to a user"),
    row(&["iam-008"], Writes, &["iam:AttachGroupPolicy"], "", "attach any policy to a group"),
    row(&["iam-009", "iam-019"], Writes, &["iam:AttachRolePolicy"], "", "attach any policy to a role"),
    row(&["iam-010", "iam-018"], Writes, &["iam:PutUserPolicy"], "", "write any permission into a user"),
    row(&["iam-011"], Writes, &["iam:PutGroupPolicy"], "", "write any permission into a group"),
    row(&["iam-012", "iam-021"], Writes, &["iam:PutRolePolicy"], "", "write any permission into a role"),
    row(&["iam-013", "iam-016"], Writes, &["iam:AddUserToGroup"], "", "join any group"),
    row(&["boundary"], Writes, &["iam:DeleteUserPermissionsBoundary"], "", "take a user's boundary away"),
    row(&["boundary"], Writes, &["iam:DeleteRolePermissionsBoundary"], "", "take a role's boundary away"),
    row(&["sso"], Writes, &["sso:PutInlinePolicyToPermissionSet", "sso:ProvisionPermissionSet"], "", "write any permission into a permission set"),
    row(&["sso"], Writes, &["sso:AttachManagedPolicyToPermissionSet", "sso:ProvisionPermissionSet"], "", "attach any policy to a permission set"),
    row(&["sso"], Writes, &["sso:CreateAccountAssignment"], "", "give itself a permission set in any account"),
    // Somebody else.
    row(&["iam-004", "iam-015"], Becomes, &["iam:CreateAccessKey"], "", "make an access key for another user"),
    row(&["iam-005"], Becomes, &["iam:CreateLoginProfile"], "", "give another user a password"),
    row(&["iam-006"], Becomes, &["iam:UpdateLoginProfile"], "", "change another user's password"),
    row(&["iam-014", "iam-019", "iam-020", "iam-021"], Becomes, &["iam:UpdateAssumeRolePolicy"], "", "make a role trust it"),
    row(&["sts-001"], TakesOver, &["sts:AssumeRole"], "", "assume every role whose trust lets it"),
    // A role passed to something new.
    row(&["apprunner-001"], Passes, &["iam:PassRole", "apprunner:CreateService"], "tasks.apprunner.amazonaws.com", "run code in App Runner"),
    row(&["batch-001"], Passes, &["iam:PassRole", "batch:RegisterJobDefinition", "batch:SubmitJob"], "ecs-tasks.amazonaws.com", "run a Batch job"),
    row(&["bedrock-001"], Passes, &["iam:PassRole", "bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"], "bedrock-agentcore.amazonaws.com", "run code in a Bedrock code interpreter"),
    row(&["braket-001"], Passes, &["iam:PassRole", "braket:CreateJob"], "braket.amazonaws.com", "run a Braket job"),
    row(&["cloudformation-001"], Passes, &["iam:PassRole", "cloudformation:CreateStack"], "cloudformation.amazonaws.com", "make a stack"),
    row(&["cloudformation-003"], Passes, &["iam:PassRole", "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"], "cloudformation.amazonaws.com", "make a stack set"),
    row(&["cloudformation-004"], Passes, &["iam:PassRole", "cloudformation:UpdateStackSet"], "cloudformation.amazonaws.com", "change a stack set"),
    row(&["codebuild-001"], Passes, &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"], "codebuild.amazonaws.com", "run a build"),
    row(&["codebuild-004"], Passes, &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuildBatch"], "codebuild.amazonaws.com", "run a batch of builds"),
    row(&["datapipeline-001"], Passes, &["iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"], "datapipeline.amazonaws.com", "run a data pipeline"),
    row(&["ec2-001"], Passes, &["iam:PassRole", "ec2:RunInstances"], "ec2.amazonaws.com", "start an instance"),
    row(&["ec2-003"], Passes, &["iam:PassRole", "ec2:RequestSpotInstances"], "ec2.amazonaws.com", "ask for a spot instance"),
    row(&["ec2-associate"], Passes, &["iam:PassRole", "ec2:AssociateIamInstanceProfile"], "ec2.amazonaws.com", "give an instance another role"),
    row(&["ecs-001", "ecs-003"], Passes, &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:CreateService"], "ecs-tasks.amazonaws.com", "run a service in ECS"),
    row(&["ecs-002", "ecs-004"], Passes, &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"], "ecs-tasks.amazonaws.com", "run a task in ECS"),
    row(&["ecs-005"], Passes, &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:StartTask"], "ecs-tasks.amazonaws.com", "start a task in ECS"),
    row(&["emr-001"], Passes, &["iam:PassRole", "elasticmapreduce:RunJobFlow"], "elasticmapreduce.amazonaws.com", "run an EMR cluster"),
    row(&["emrserverless-001"], Passes, &["iam:PassRole", "emr-serverless:CreateApplication", "emr-serverless:StartJobRun"], "emr-serverless.amazonaws.com", "run an EMR Serverless job"),
    row(&["gamelift-001"], Passes, &["iam:PassRole", "gamelift:CreateBuild", "gamelift:CreateFleet"], "gamelift.amazonaws.com", "run a GameLift fleet"),
    row(&["glue-001"], Passes, &["iam:PassRole", "glue:CreateDevEndpoint"], "glue.amazonaws.com", "make a Glue endpoint"),
    row(&["glue-003"], Passes, &["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"], "glue.amazonaws.com", "run a Glue job"),
    row(&["glue-004"], Passes, &["iam:PassRole", "glue:CreateJob", "glue:CreateTrigger"], "glue.amazonaws.com", "set a Glue job off by a trigger"),
    row(&["glue-005"], Passes, &["iam:PassRole", "glue:UpdateJob", "glue:StartJobRun"], "glue.amazonaws.com", "change and run a Glue job"),
    row(&["glue-006"], Passes, &["iam:PassRole", "glue:UpdateJob", "glue:CreateTrigger"], "glue.amazonaws.com", "change a Glue job and set it off by a trigger"),
    row(&["glue-007"], Passes, &["iam:PassRole", "glue:CreateSession", "glue:RunStatement"], "glue.amazonaws.com", "run code in a Glue session"),
    row(&["imagebuilder-001"], Passes, &["iam:PassRole", "imagebuilder:CreateComponent", "imagebuilder:CreateImageRecipe", "imagebuilder:CreateInfrastructureConfiguration", "imagebuilder:CreateImage"], "ec2.amazonaws.com", "build an image"),
    row(&["kinesisanalytics-001"], Passes, &["iam:PassRole", "kinesisanalytics:CreateApplication", "kinesisanalytics:StartApplication"], "kinesisanalytics.amazonaws.com", "run a Flink application"),
    row(&["lambda-001"], Passes, &["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], "lambda.amazonaws.com", "make a function and call it"),
    row(&["lambda-002"], Passes, &["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"], "lambda.amazonaws.com", "make a function that events call"),
    row(&["lambda-006"], Passes, &["iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"], "lambda.amazonaws.com", "make a function and let somebody call it"),
    row(&["omics-001"], Passes, &["iam:PassRole", "omics:CreateWorkflow", "omics:StartRun"], "omics.amazonaws.com", "run a HealthOmics workflow"),
    row(&["sagemaker-001"], Passes, &["iam:PassRole", "sagemaker:CreateNotebookInstance"], "sagemaker.amazonaws.com", "make a SageMaker notebook"),
    row(&["sagemaker-002"], Passes, &["iam:PassRole", "sagemaker:CreateTrainingJob"], "sagemaker.amazonaws.com", "run a SageMaker training job"),
    row(&["sagemaker-003"], Passes, &["iam:PassRole", "sagemaker:CreateProcessingJob"], "sagemaker.amazonaws.com", "run a SageMaker processing job"),
    row(&["scheduler-001"], Passes, &["iam:PassRole", "scheduler:CreateSchedule"], "scheduler.amazonaws.com", "have the scheduler call any operation"),
    row(&["ssm-003"], Passes, &["iam:PassRole", "ssm:StartAutomationExecution"], "ssm.amazonaws.com", "run an automation"),
    row(&["stepfunctions-001"], Passes, &["iam:PassRole", "states:CreateStateMachine", "states:StartExecution"], "states.amazonaws.com", "run a state machine"),
    row(&["stepfunctions-002"], Passes, &["iam:PassRole", "states:UpdateStateMachine", "states:StartExecution"], "states.amazonaws.com", "change and run a state machine"),
    // Something that has a role already.
    row(&["apprunner-002"], TakesOver, &["apprunner:UpdateService"], "", "change what an App Runner service runs"),
    row(&["batch-002"], TakesOver, &["batch:SubmitJob"], "", "run its own command in a Batch job"),
    row(&["bedrock-002"], TakesOver, &["bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"], "", "run code in a Bedrock code interpreter"),
    row(&["cloudformation-002"], TakesOver, &["cloudformation:UpdateStack"], "", "change a stack that has a role"),
    row(&["cloudformation-005"], TakesOver, &["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"], "", "change a stack that has a role, by a change set"),
    row(&["codebuild-002"], TakesOver, &["codebuild:StartBuild"], "", "run its own commands in a build"),
    row(&["codebuild-003"], TakesOver, &["codebuild:StartBuildBatch"], "", "run its own commands in a batch of builds"),
    row(&["codedeploy-001"], TakesOver, &["codedeploy:CreateDeployment"], "", "run its own scripts by a deployment"),
    row(&["ec2-002"], TakesOver, &["ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"], "", "change an instance's user data and restart it"),
    row(&["ec2-004"], TakesOver, &["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], "", "change a launch template"),
    row(&["ec2instanceconnect-003"], TakesOver, &["ec2-instance-connect:SendSSHPublicKey"], "", "log in to an instance by SSH"),
    row(&["ecs-006"], TakesOver, &["ecs:ExecuteCommand", "ecs:DescribeTasks"], "", "run commands in a container"),
    row(&["glue-002"], TakesOver, &["glue:UpdateDevEndpoint"], "", "log in to a Glue endpoint"),
    row(&["lambda-003", "lambda-004", "lambda-005"], TakesOver, &["lambda:UpdateFunctionCode"], "", "change a function's code"),
    row(&["lambda-layer"], TakesOver, &["lambda:UpdateFunctionConfiguration"], "", "put a layer of its own into a function"),
    row(&["sagemaker-004"], TakesOver, &["sagemaker:CreatePresignedNotebookInstanceUrl"], "", "open a SageMaker notebook"),
    row(&["sagemaker-005"], TakesOver, &["sagemaker:CreateNotebookInstanceLifecycleConfig", "sagemaker:StopNotebookInstance", "sagemaker:UpdateNotebookInstance", "sagemaker:StartNotebookInstance"], "", "run its own script in a SageMaker notebook"),
    row(&["ssm-001"], TakesOver, &["ssm:StartSession"], "", "open a shell on an instance"),
    row(&["ssm-002"], TakesOver, &["ssm:SendCommand"], "", "run commands on an instance"),
];
